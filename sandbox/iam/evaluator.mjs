// Judges IAM requests for as long as its standard input is open: a JSON line in, a JSON line out, in the same order.
//
// in:  {document: name, policy: {...}}         remembers a document; no answer
//      a request of evaluation.mjs
// out: {result: "Allowed"}
//      {result: "ExplicitlyDenied", kind, statement}   the kind of policy and the statement that refuse it
//      {result: "ImplicitlyDenied", kind, statement}   the kind of policy that would have to allow it, and the statement
//                                                      there that would if its condition held, or null
//      {error}                                         the request or a document is none of IAM's
// kind: "identity-based", "resource-based" or "VPC endpoint", as in AWS's messages
import { Evaluation } from './evaluation.mjs'
import { createInterface } from 'node:readline'

const evaluation = new Evaluation()

const kinds = [
  ['resourceAnalysis', 'resource-based'],
  ['endpointAnalysis', 'VPC endpoint'],
  ['identityAnalysis', 'identity-based'],
]
const name = ({ statement }) => statement.sid() ?? `number ${statement.index()}`

function refused({ analysis }) {
  for (const [part, kind] of kinds) {
    const [first] = analysis[part]?.denyStatements ?? []
    if (first) return { kind, statement: name(first) }
  }
  return { kind: 'resource-based', statement: null }
}

function notAllowed({ analysis }, request) {
  const kind = analysis.blockedBy?.includes('vpce') ? 'VPC endpoint' : kindThatGrants(analysis, request)
  const [part] = kinds.find(([, each]) => each === kind)
  const near = analysis[part]?.unmatchedStatements.find(
    (each) =>
      each.statement.isAllow() &&
      each.actionMatch &&
      each.resourceMatch &&
      each.principalMatch !== 'NoMatch' &&
      each.conditionMatch !== 'Match',
  )
  return { kind, statement: near ? name(near) : null }
}

// Where an identity-based policy allows it, or there can be none, the resource's own policy is what is missing.
function kindThatGrants(analysis, { principal }) {
  const identity = principal?.startsWith('arn:') && analysis.identityAnalysis?.result !== 'Allowed'
  return identity ? 'identity-based' : 'resource-based'
}

async function judged(request) {
  const outcome = await evaluation.run(request)
  if (outcome.resultType === 'error') return { error: outcome.errors }
  const result = outcome.overallResult
  // For a request about no resource in particular there is a result for each pattern of the policies.
  const decisive = outcome.result ?? outcome.results.find((each) => each.analysis.result === result)
  if (result === 'Allowed' || !decisive) return { result, kind: 'identity-based', statement: null }
  return { result, ...(result === 'ExplicitlyDenied' ? refused(decisive) : notAllowed(decisive, request)) }
}

for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
  const message = JSON.parse(line)
  if ('document' in message) {
    evaluation.add(message.document, message.policy)
    continue
  }
  const answer = await judged(message).catch((error) => ({ error: String(error) }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
