/** Order by code units, the same everywhere: what Go's `sort.Strings` gives for the ASCII names of Kubernetes. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
