import { hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Ways to compare secrets whose time says nothing about them. */

export function sha256(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}

export function isSameSecret(a: string, b: string): boolean {
  return timingSafeEqual(sha256(a), sha256(b))
}

/**
 * A map whose keys are secrets. It holds and looks up only hashes of them, each begun with bytes that are made anew in each
 * process, so that how long a look-up takes tells nothing about a key that is nearly right.
 */
export class SecretMap<T> {
  readonly #salt = randomBytes(32).toString('base64')
  readonly #values = new Map<string, T>()

  #hash(secret: string): string {
    return hash('sha256', `${this.#salt}${secret}`, 'base64')
  }

  get size(): number {
    return this.#values.size
  }

  has(secret: string): boolean {
    return this.#values.has(this.#hash(secret))
  }

  get(secret: string): T | undefined {
    return this.#values.get(this.#hash(secret))
  }

  set(secret: string, value: T): void {
    this.#values.set(this.#hash(secret), value)
  }
}
