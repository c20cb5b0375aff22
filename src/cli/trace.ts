import type { TraceEvent } from '../client/index.ts'
import { type Io, visible } from './io.ts'

const maxBody = 10_240

function stamp(now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const day = `${two(now.getMonth() + 1)}${two(now.getDate())}`
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
  return `I${day} ${time}.${String(now.getMilliseconds()).padStart(3, '0')}000 ${String(process.pid).padStart(7)} rest.ts]`
}

function secret(name: string, value: string): string {
  return /^authorization$/i.test(name) ? value.replace(/^(\S+) .*/, '$1 <masked>') : value
}

function headerLines(headers: Readonly<Record<string, string | readonly string[]>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `\t${name}: ${secret(name, String(value))}\n`)
    .join('')
}

/** Requests on stderr (`-v=6` and more): one line each, from 8 on with headers and the request's body. */
export function createTrace(io: Io, level: number): (event: TraceEvent) => void {
  return (event) => {
    const at = stamp(io.now())
    if (event.stage === 'request') {
      if (level < 7) return
      if (level >= 8 && event.body !== '') {
        const cut = event.body.length > maxBody ? ` [truncated ${event.body.length - maxBody} chars]` : ''
        io.stderr.write(`${at} "Request Body" body=${JSON.stringify(event.body.slice(0, maxBody))}${cut}\n`)
      }
      io.stderr.write(
        visible(
          `${at} "Request" verb="${event.method}" url="${event.url}" headers=<\n${headerLines(event.headers)} >\n`,
        ),
      )
      return
    }
    const line = `${at} "Response" verb="${event.method}" url="${event.url}" status="${event.response.status}" milliseconds=${event.milliseconds}`
    io.stderr.write(
      visible(level < 8 ? `${line}\n` : `${line} headers=<\n${headerLines(event.response.headers)} >\n`),
    )
  }
}
