import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Load } from './load.ts'
import type { RegistryPeer, WeirPeer } from './peers.ts'

/** A figure of both servers, a value a round. */
export interface Comparison {
  kind: 'comparison'
  name: string
  unit: string
  better: 'higher' | 'lower'
  weir: number[]
  peer: number[]
  /** How many times better than the peer we want to be. */
  aim?: number
}

/** A figure of ours alone, a value a round. */
export interface Figure {
  kind: 'figure'
  name: string
  unit: string
  values: number[]
  /** What is known of the real system. */
  known?: string
}

export type Measurement = Comparison | Figure

export interface Bench {
  load: Load
  weir: WeirPeer
  peer: RegistryPeer
  /** What both have: the repository, and the tag of the image in it. */
  repository: string
  tag: string
  isQuick: boolean
  /** Sizes too that take minutes. */
  isLarge: boolean
  /** Time is up: finish with the rounds that there are. */
  isLate(): boolean
  report(measurement: Measurement): void
}

export const namespace = 'bench'

export function formatConnections(count: number): string {
  return count === 1 ? '1 connection' : `${count} connections`
}

/** How often each figure is taken. */
export function roundsOf({ isQuick }: Bench): number {
  return isQuick ? 3 : 5
}

/** More than anybody gets done in {@link secondsOf}. */
export const unlimited = 1e9

/**
 * How long a round of small requests takes, whoever answers them: as many requests for both would leave the faster one a
 * moment, most of which Node spends compiling what a running server has long compiled.
 */
export function secondsOf({ isQuick }: Bench): number {
  return isQuick ? 0.3 : 1
}

/**
 * Before something that writes is measured: what was written before it, by whomever, is on the disk. A server that leaves that to the
 * system would otherwise make the next one's turn slower, not its own.
 */
export async function settleDisk(): Promise<void> {
  await promisify(execFile)('sync')
}

type About = Pick<Comparison, 'name' | 'unit' | 'better' | 'aim'>

/**
 * Warms both up with one round that does not count, then takes turns, the first changing from round to round: what else the
 * machine does hits both alike.
 */
export async function compare(
  bench: Bench,
  about: About,
  measure: (peer: RegistryPeer, round: number) => Promise<number>,
): Promise<void> {
  const { weir, peer } = bench
  await contrast(
    bench,
    about,
    (round) => measure(weir, round),
    (round) => measure(peer, round),
  )
}

/** The same for us and anything else. */
export async function contrast(
  bench: Bench,
  about: About,
  ours: (round: number) => Promise<number>,
  theirs: (round: number) => Promise<number>,
): Promise<void> {
  const sides = [
    { measure: ours, values: [] as number[] },
    { measure: theirs, values: [] as number[] },
  ] as const
  for (const { measure } of sides) await measure(0)
  for (let round = 1; round <= roundsOf(bench); round++) {
    if (round > 1 && bench.isLate()) break
    for (const { measure, values } of round % 2 === 1 ? sides : sides.toReversed()) {
      values.push(await measure(round))
    }
  }
  bench.report({ kind: 'comparison', ...about, weir: sides[0].values, peer: sides[1].values })
}
