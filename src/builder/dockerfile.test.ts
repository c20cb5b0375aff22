import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { neededImages, parseDockerfile, replaceLastFrom, withVariables } from './dockerfile.ts'

const stages = `# escape=\\
ARG VERSION=3.9
ARG BASE="docker.io/library/alpine"
from --platform=linux/amd64 \${BASE}:$VERSION As build
RUN one && \\
  # a comment in between

  two
FROM build AS again
COPY --from=build /a /b
COPY --from=0 /a /b
COPY --chown=1:1 --from=quay.io/x/tools /t /t
FROM scratch
`

describe('parseDockerfile', () => {
  it('joins continued lines and leaves comments out', () => {
    const run = parseDockerfile(stages).find(({ word }) => word === 'RUN')
    assert.match(run?.text ?? '', /^one && +two$/)
  })

  it('heeds another escape', () => {
    const [run] = parseDockerfile('#escape=`\nRUN a `\n  b\nRUN c\\')
    assert.match(run?.text ?? '', /^a +b$/)
  })
})

describe('neededImages', () => {
  it('fills in arguments and knows stages', () => {
    assert.deepEqual(neededImages(stages, new Map()), ['docker.io/library/alpine:3.9', 'quay.io/x/tools'])
    assert.deepEqual(neededImages(stages, new Map([['VERSION', '4']])).at(0), 'docker.io/library/alpine:4')
  })

  it('knows defaults of variables', () => {
    const text = ['ARG A\nFROM $', '{A:-x}/$', '{A:+y}z'].join('')
    assert.deepEqual(neededImages(text, new Map()), ['x/z'])
    assert.deepEqual(neededImages(text, new Map([['A', 'a']])), ['a/yz'])
  })
})

describe('replaceLastFrom', () => {
  it('keeps flags, alias and everything else', () => {
    const text = 'FROM a AS one\nRUN x\nFROM --platform=p \\\n b:1 as two\nRUN y\n'
    assert.equal(
      replaceLastFrom(text, 'reg/c@sha256:1'),
      'FROM a AS one\nRUN x\nFROM --platform=p reg/c@sha256:1 as two\nRUN y\n',
    )
  })

  it('has nothing to replace where there is no FROM', () => {
    assert.equal(replaceLastFrom('RUN x', 'a'), undefined)
  })
})

describe('withVariables', () => {
  it('sets them in each stage, whatever is in them', () => {
    const variables = [
      { name: 'A', value: 'a "b" $c \\d' },
      { name: 'B', value: 'two\nlines' },
    ]
    assert.equal(
      withVariables('FROM a\nRUN x\nFROM b', variables),
      'FROM a\nENV A="a \\"b\\" \\$c \\\\d"\nRUN x\nFROM b\nENV A="a \\"b\\" \\$c \\\\d"',
    )
  })
})
