// One IAM request judged by named policy documents; shared by the sandbox's evaluator and the policy tests.
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'
import {
  createValidatedPolicy,
  validateEndpointPolicy,
  validateIdentityPolicy,
  validateResourcePolicy,
} from '@cloud-copilot/iam-policy'

// The simulator takes no key of an encryption context, since their names are open (kms:EncryptionContext:<key>): documents
// and requests alike show them to it as tags of the principal, whose names are open too, and which nobody here has.
const OPEN_KEY = /^kms:EncryptionContext:/i

function withKnownKeys(conditionKeys) {
  const known = (key) => (OPEN_KEY.test(key) ? `aws:PrincipalTag/${key}` : key)
  return Object.fromEntries(Object.entries(conditionKeys).map(([key, value]) => [known(key), value]))
}

function withKnownConditions(statement) {
  if (!statement?.Condition) return statement
  const operators = Object.entries(statement.Condition).map(([operator, keys]) => [operator, withKnownKeys(keys)])
  return { ...statement, Condition: Object.fromEntries(operators) }
}

function asTheSimulatorTakesIt(document) {
  if (!document?.Statement) return document
  return { ...document, Statement: [document.Statement].flat().map(withKnownConditions) }
}

export class Evaluation {
  #sources = new Map()
  #policies = new Map()

  // A document is validated when a request first names it, as the kind of policy that the request takes it for.
  add(name, document) {
    this.#sources.set(name, asTheSimulatorTakesIt(document))
  }

  // request: {principal, action, resource, account, context, identity, resource_policy, endpoint}; identity and endpoint
  // are lists of names of documents, resource_policy is one or null. Returns what runSimulation does.
  run(request) {
    const named = (names, validate) => names.map((name) => ({ name, policy: this.#policy(name, validate) }))
    return runSimulation(
      {
        request: {
          principal: request.principal ?? anonymousPrincipal,
          action: request.action,
          resource: { resource: request.resource, accountId: request.account },
          contextVariables: withKnownKeys(request.context),
        },
        identityPolicies: named(request.identity, validateIdentityPolicy),
        resourcePolicy:
          request.resource_policy === null ? undefined : this.#policy(request.resource_policy, validateResourcePolicy),
        vpcEndpointPolicies: named(request.endpoint, validateEndpointPolicy),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    )
  }

  #policy(name, validate) {
    const key = `${validate.name} ${name}`
    if (!this.#policies.has(key)) this.#policies.set(key, createValidatedPolicy(this.#sources.get(name), validate))
    return this.#policies.get(key)
  }
}
