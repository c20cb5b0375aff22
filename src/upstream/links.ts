import { UpstreamError } from './errors.ts'

const longest = 64 * 1024

/**
 * The URL of `Link: <…>; rel="next"` (RFC 8288), undefined when there is none. It may only be another page of the same
 * list: only its query is taken, as registries behind a proxy often name a wrong scheme or host (threats 2 and 7).
 */
export function nextPage(header: string | string[] | undefined, current: URL): URL | undefined {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '')
  if (text === '' || text.length > longest) return undefined
  const target = findNext(text)
  if (target === undefined) return undefined
  const next = URL.canParse(target, current.href) ? new URL(target, current) : undefined
  if (next === undefined || next.pathname !== current.pathname) {
    throw new UpstreamError('forbidden-target', 'refused: the next page of the tag list lies elsewhere')
  }
  return new URL(`${current.pathname}${next.search}`, current)
}

function findNext(text: string): string | undefined {
  for (const [, target, parameters] of text.matchAll(/<([^>]*)>([^<]*)/g)) {
    if (/;\s*rel\s*=\s*(?:"(?:[^"]*\s)?next(?:\s[^"]*)?"|next(?=\s*[;,]|\s*$))/i.test(parameters ?? ''))
      return target
  }
  return undefined
}
