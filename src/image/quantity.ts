/** `resource.Quantity` of Kubernetes, as far as limits need it. */

const factors: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['m', 1e-3],
  ['k', 1e3],
  ['M', 1e6],
  ['G', 1e9],
  ['T', 1e12],
  ['P', 1e15],
  ['E', 1e18],
  ['Ki', 2 ** 10],
  ['Mi', 2 ** 20],
  ['Gi', 2 ** 30],
  ['Ti', 2 ** 40],
  ['Pi', 2 ** 50],
  ['Ei', 2 ** 60],
])
const shape = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([mkMGTPE]|[KMGTPE]i))?$/

/** The amount as a number; undefined for text that is no quantity. */
export function parseQuantity(text: string): number | undefined {
  const match = shape.exec(text)
  if (match === null) return undefined
  const [, digits = '', exponent = '', suffix = ''] = match
  return Number(`${digits}${exponent}`) * (factors.get(suffix) ?? 1)
}

const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** A whole number with the largest binary suffix that leaves it whole: `1536` is `1536`, `2048` is `2Ki`. */
export function formatBinaryQuantity(amount: number): string {
  let rest = amount
  let power = 0
  while (rest !== 0 && rest % 1024 === 0 && power < binarySuffixes.length - 1) {
    rest /= 1024
    power += 1
  }
  return `${rest}${binarySuffixes[power]}`
}
