import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { createRandom, type Random } from '../crash/random.ts'
import { type ApiClient, type ApiTarget, createApiClient } from './http-client.ts'
import { type FollowedView, followView, readList } from './stream-view.ts'

export interface MixedLoadOptions {
  target: ApiTarget
  seconds: number
  /** Requests under way at once. */
  workers: number
  seed: number
  /** Resident memory of the server, MiB. */
  memory(): Promise<number>
}

export interface MixedLoadResult {
  requests: number
  /** Answers that nothing explains. */
  errors: string[]
  /** A view that differs from a fresh list at the end, and in what. */
  differences: string[]
  /** MiB, one each second. */
  memory: number[]
  /** How often the watchers had to list, altogether. */
  lists: number
}

const group = '/apis/image.openshift.io/v1'
const namespaces = ['load-0', 'load-1', 'load-2', 'load-3']
const streamsInNamespace = 12
const tags = ['a', 'b', 'c', 'latest']
const mergePatch = 'application/merge-patch+json'

interface Step {
  method: string
  path: string
  body?: unknown
  contentType?: string
  /** Statuses that others' doing explains. */
  expected: readonly number[]
}

/** Reads and writes as people, pipelines and dashboards send them; streams come and go, so that none grows for ever. */
function nextStep(random: Random): Step {
  const namespace = random.pick(namespaces)
  const stream = `s-${random.between(0, streamsInNamespace - 1)}`
  const home = `${group}/namespaces/${namespace}`
  const path = `${home}/imagestreams/${stream}`
  const tag = `${stream}:${random.pick(tags)}`
  const digest = `sha256:${createHash('sha256')
    .update(String(random.between(0, 40)))
    .digest('hex')}`
  const from = { kind: 'ImageStreamTag', name: `${stream}:${random.pick(tags)}` }
  const tagBody = { metadata: { name: tag }, tag: { name: tag.split(':')[1], from } }
  const steps: (() => Step)[] = [
    () => ({
      method: 'POST',
      path: `${home}/imagestreams`,
      body: { metadata: { name: stream } },
      expected: [409],
    }),
    () => ({
      method: 'POST',
      path: `${home}/imagestreammappings`,
      body: {
        metadata: { name: stream },
        image: {
          metadata: { name: digest },
          dockerImageReference: `registry.example/${namespace}/${stream}@${digest}`,
        },
        tag: random.pick(tags),
      },
      expected: [404],
    }),
    () => ({
      method: 'PUT',
      path: `${home}/imagestreamtags/${tag}`,
      body: tagBody,
      expected: [400, 404, 422],
    }),
    () => ({
      method: 'POST',
      path: `${home}/imagestreamtags`,
      body: tagBody,
      expected: [400, 404, 409, 422],
    }),
    () => ({ method: 'DELETE', path: `${home}/imagestreamtags/${tag}`, expected: [404] }),
    () => ({
      method: 'PATCH',
      path,
      body: {
        metadata: { labels: { odd: String(random.between(0, 1)), n: String(random.between(0, 1e6)) } },
      },
      contentType: mergePatch,
      expected: [404],
    }),
    () => ({ method: 'GET', path, expected: [404] }),
    () => ({ method: 'GET', path: `${home}/imagestreamtags/${tag}`, expected: [404] }),
    () => ({ method: 'GET', path: `${home}/imagestreams?limit=5`, expected: [] }),
    () => ({ method: 'GET', path: `${group}/imagestreams`, expected: [] }),
    () => ({ method: 'GET', path: `${home}/imagestreamtags`, expected: [] }),
  ]
  // A stream lives for some hundred steps.
  if (random.next() < 0.01) return { method: 'DELETE', path, expected: [404] }
  return random.pick(steps)()
}

/**
 * Many who read, write and watch at once, for so long. Every answer must be one that the others' doing explains, and in the end
 * every watcher must see what a fresh list says.
 */
export async function runMixedLoad(options: MixedLoadOptions): Promise<MixedLoadResult> {
  const { seconds, workers, seed } = options
  using client = createApiClient(options.target, workers)
  for (const name of namespaces) await client.send('POST', '/api/v1/namespaces', { metadata: { name } })
  await using opened = new AsyncDisposableStack()
  const watched = watchedPaths.map(([path, query, pause]) => {
    const followed = opened.use(followView(client, path, query, pause))
    return { path: `${path}?${query}`, followed }
  })
  const result: MixedLoadResult = { requests: 0, errors: [], differences: [], memory: [], lists: 0 }
  const until = performance.now() + seconds * 1000
  const isOver = () => performance.now() >= until
  const work = async (worker: number): Promise<void> => {
    const random = createRandom(seed * 1000 + worker)
    while (!isOver()) {
      const step = nextStep(random)
      const { status, text } = await client.send(step.method, step.path, step.body, step.contentType)
      result.requests++
      if (status < 300 || step.expected.includes(status)) continue
      result.errors.push(`${step.method} ${step.path} ${JSON.stringify(step.body)}: ${status} ${text}`)
    }
  }
  const sample = async (): Promise<void> => {
    while (!isOver()) {
      await new Promise((resolve) => setTimeout(resolve, 1000))
      result.memory.push(await options.memory())
    }
  }
  await Promise.all([sample(), ...Array.from({ length: workers }, (_empty, worker) => work(worker))])
  for (const { path, followed } of watched) {
    const difference = await settle(client, path, followed)
    if (difference !== undefined) result.differences.push(difference)
    result.errors.push(...followed.problems)
    result.lists += followed.lists()
  }
  return result
}

/** Where they watch, with which selector, and how slow they are. */
const watchedPaths: readonly [path: string, query: string, pause: number][] = [
  [`${group}/imagestreams`, '', 0],
  [`${group}/imagestreams`, '', 0],
  [`${group}/imagestreams`, 'labelSelector=odd%3D1', 0],
  [`${group}/namespaces/load-0/imagestreams`, '', 0],
  [`${group}/namespaces/load-1/imagestreams`, 'fieldSelector=metadata.name%3Ds-1', 0],
  [`${group}/namespaces/load-2/imagestreams`, '', 5],
]

/** Milliseconds that a watcher has to catch up. */
const patience = 30_000

/** undefined once the view is what a list says; otherwise what they differ in. */
async function settle(client: ApiClient, path: string, { view }: FollowedView): Promise<string | undefined> {
  for (let waited = 0; ; waited += 100) {
    const fresh = await readList(client, path)
    const keys = new Set([...view.keys(), ...fresh.view.keys()])
    const wrong = [...keys].filter((key) => !isDeepStrictEqual(view.get(key), fresh.view.get(key)))
    if (wrong.length === 0) return undefined
    if (waited > patience) return `${path}: ${wrong.join(', ')}`
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Memory once it is warm, and in the end: medians of the second and of the last quarter. */
export function memoryGrowth(memory: readonly number[]): { warm: number; end: number } {
  const quarter = Math.max(1, Math.floor(memory.length / 4))
  const middle = (part: readonly number[]) => part.toSorted((a, b) => a - b)[Math.floor(part.length / 2)] ?? 0
  return { warm: middle(memory.slice(quarter, 2 * quarter)), end: middle(memory.slice(-quarter)) }
}
