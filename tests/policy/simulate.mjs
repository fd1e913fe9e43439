// Answers one batch of IAM requests: JSON on standard input, JSON on standard output.
//
// in:  {documents: {name: policy}, trials: [[{principal, action, resource, account, context, identity, resource_policy,
//       endpoint, wanted}]]}; identity and endpoint are lists of names of documents, resource_policy is one or null
// out: for each trial its first request that is not answered as wanted: {index} or {index, error}, or null
import { anonymousPrincipal, runSimulation } from '@cloud-copilot/iam-simulate'
import {
  createValidatedPolicy,
  validateEndpointPolicy,
  validateIdentityPolicy,
  validateResourcePolicy,
} from '@cloud-copilot/iam-policy'
import { text } from 'node:stream/consumers'

const { documents, trials } = JSON.parse(await text(process.stdin))

const validated = new Map()
function policy(name, validate) {
  const key = `${validate.name} ${name}`
  if (!validated.has(key)) validated.set(key, createValidatedPolicy(documents[name], validate))
  return validated.get(key)
}
const named = (names, validate) => names.map((name) => ({ name, policy: policy(name, validate) }))

async function surprise(request) {
  const outcome = await runSimulation(
    {
      request: {
        principal: request.principal ?? anonymousPrincipal,
        action: request.action,
        resource: { resource: request.resource, accountId: request.account },
        contextVariables: request.context,
      },
      identityPolicies: named(request.identity, validateIdentityPolicy),
      resourcePolicy:
        request.resource_policy === null ? undefined : policy(request.resource_policy, validateResourcePolicy),
      vpcEndpointPolicies: named(request.endpoint, validateEndpointPolicy),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  )
  if (outcome.resultType !== 'single') return { error: outcome.errors ?? outcome.resultType }
  if (outcome.result.ignoredContextKeys.length) return { error: { ignored: outcome.result.ignoredContextKeys } }
  return (outcome.overallResult === 'Allowed') === request.wanted ? null : {}
}

async function firstSurprise(trial) {
  for (const [index, request] of trial.entries()) {
    const found = await surprise(request)
    if (found) return { index, ...found }
  }
  return null
}

const answers = []
for (const trial of trials) answers.push(await firstSurprise(trial))
process.stdout.write(JSON.stringify(answers))
