// Answers one batch of IAM requests: JSON on standard input, JSON on standard output.
//
// in:  {documents: {name: policy}, trials: [[{wanted, ...a request of evaluation.mjs}]]}
// out: for each trial its first request that is not answered as wanted: {index} or {index, error}, or null
import { Evaluation } from '../../sandbox/iam/evaluation.mjs'
import { text } from 'node:stream/consumers'

const { documents, trials } = JSON.parse(await text(process.stdin))

const evaluation = new Evaluation()
for (const [name, document] of Object.entries(documents)) evaluation.add(name, document)

async function surprise(request) {
  const outcome = await evaluation.run(request)
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
