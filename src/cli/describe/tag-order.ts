/** Order of tags by importance (cli.md §0.8). */

interface Ranked {
  tag: string
  /** 0 latest, 1 major.minor, 2 semantic version, 3 anything else. */
  rank: number
  numbers: number[]
  suffix: string
  prefixed: boolean
}

const minor = /^(v?)(\d+)\.(\d+)(?:-([A-Za-z0-9]+))?$/
const full = /^(v?)(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/

function rankOf(tag: string): Ranked {
  const plain = { tag, numbers: [], suffix: '', prefixed: false }
  if (tag === 'latest') return { ...plain, rank: 0 }
  const short = minor.exec(tag)
  if (short !== null) {
    const numbers = [Number(short[2]), Number(short[3])]
    return { tag, rank: 1, numbers, suffix: short[4] ?? '', prefixed: short[1] !== '' }
  }
  const long = full.exec(tag)
  if (long === null) return { ...plain, rank: 3 }
  const numbers = [Number(long[2]), Number(long[3]), Number(long[4])]
  return { tag, rank: 2, numbers, suffix: long[5] ?? '', prefixed: long[1] !== '' }
}

/** Of pre-releases: numbers by value and below words, fewer parts first (semver.org §11); none at all is the greatest. */
function compareSuffix(a: string, b: string): number {
  if (a === b) return 0
  if (a === '' || b === '') return a === '' ? 1 : -1
  const [left, right] = [a.split('.'), b.split('.')]
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]]
    if (x === undefined || y === undefined) return x === undefined ? -1 : 1
    if (x === y) continue
    const [xNumber, yNumber] = [/^\d+$/.test(x), /^\d+$/.test(y)]
    if (xNumber && yNumber) return Number(x) - Number(y)
    if (xNumber !== yNumber) return xNumber ? -1 : 1
    return x < y ? -1 : 1
  }
  return 0
}

function compare(a: Ranked, b: Ranked): number {
  if (a.rank !== b.rank) return a.rank - b.rank
  for (let i = 0; i < a.numbers.length; i++) {
    const difference = (b.numbers[i] as number) - (a.numbers[i] as number)
    if (difference !== 0) return difference
  }
  const suffix = compareSuffix(b.suffix, a.suffix)
  if (suffix !== 0) return suffix
  if (a.prefixed !== b.prefixed) return a.prefixed ? 1 : -1
  return a.tag < b.tag ? -1 : a.tag > b.tag ? 1 : 0
}

/** `latest`, then versions, newest first, then the rest by name. */
export function sortTags(tags: Iterable<string>): string[] {
  return [...tags]
    .map(rankOf)
    .sort(compare)
    .map(({ tag }) => tag)
}
