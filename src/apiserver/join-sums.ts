/**
 * CRC-32 of bytes that follow each other, from the sums of each: a sum is the rest of the bytes, taken as a polynomial over GF(2),
 * divided by the one of RFC 1952 §8, and what follows multiplies it by a power of x. Coefficients stand as the checksum has them:
 * that of x⁰ in the highest bit.
 */
const polynomial = 0xedb88320
const one = 0x80000000

/** The product of two rests. */
function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = one, shifted = b; bit !== 0; bit >>>= 1) {
    if (a & bit) product ^= shifted
    shifted = shifted & 1 ? (shifted >>> 1) ^ polynomial : shifted >>> 1
  }
  return product >>> 0
}

/** x to the power of 8, of 16, of 32, … */
const bytePowers: number[] = [one >>> 8]
for (let at = 1; at < 53; at++) bytePowers.push(multiply(bytePowers[at - 1]!, bytePowers[at - 1]!))

/** What a sum is multiplied by when so many bytes follow. */
function powerOf(size: number): number {
  let power = one
  for (let rest = size, at = 0; rest > 0; rest = Math.floor(rest / 2), at++) {
    if (rest % 2 === 1) power = multiply(bytePowers[at]!, power)
  }
  return power
}

/** The sum of bytes with the sum `first` followed by `size` bytes with the sum `second`. */
export function joinSums(first: number, second: number, size: number): number {
  if (first === 0) return second
  return (multiply(powerOf(size), first) ^ second) >>> 0
}
