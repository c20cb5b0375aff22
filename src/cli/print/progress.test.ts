import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createProgress } from './progress.ts'

function draw(isTty: boolean, env: Record<string, string> = {}): string {
  let text = ''
  let time = 0
  const stderr = {
    isTty,
    write(more: string) {
      text += more
    },
  }
  const progress = createProgress({ stderr, env, now: () => new Date(time) }, 4000)
  for (const step of [0, 50, 150, 400]) {
    time = 1000 + step
    progress.add(1000)
  }
  progress.say('done')
  progress.end()
  return text
}

it('writes over one line of a terminal, not more often than an eye can follow', () => {
  assert.equal(
    draw(true),
    '\r\u001b[K25% 1kB of 4kB\r\u001b[K75% 3kB of 4kB\r\u001b[K100% 4kB of 4kB\r\u001b[Kdone\n',
  )
})

it('moves nothing in a file, a pipe or a terminal that cannot', () => {
  assert.equal(draw(false), 'done\n')
  assert.equal(draw(true, { TERM: 'dumb' }), 'done\n')
})
