import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, pushImage } from '../../src/upstream/testing/images.ts'
import { eventually, openSite } from './open-site.ts'

/** `history`, reads as of a time, and what describe and explain-image say of a rollback: the commands against a server. */

const skip = registryMissing ?? false

describe('the history of a tag', { skip }, () => {
  it('is told by commands', async () => {
    await using registry = await startRegistry()
    await using site = await openSite()
    const target = { url: `http://${registry.host}`, repository: 'library/ruby' }
    const [one, two] = [makeImage('ruby 1'), makeImage('ruby 2')]
    const from = `${registry.host}/library/ruby:latest`
    const weir = (...args: string[]) => site.weir('-n', 'demo-project', ...args)
    await pushImage(target, 'latest', one)
    await site.oc('import-image', 'ruby:latest', `--from=${from}`, '--confirm', '--insecure')
    await eventually('a second later', async () => (new Date().getMilliseconds() < 300 ? true : undefined))
    const between = new Date().toISOString()
    await pushImage(target, 'latest', two)
    await site.oc('import-image', 'ruby:latest')
    await weir('rollback-tag', 'ruby:latest', '--reason=it crashes')

    const [head, ...rows] = (await weir('history', 'ruby:latest')).trimEnd().split('\n')
    assert.match(head ?? '', /^WHEN +CAUSE +BY +IMAGE +FROM +WHAT$/)
    const [a, b] = [one, two].map(({ digest }) => digest.slice(7, 19))
    const cells = rows.map((row) => row.split(/ {2,}/).slice(1, 4).join(' '))
    assert.deepEqual(cells, [`rollback admin ${a}`, `import alice ${b}`, `import alice ${a}`])
    assert.match(rows[0] ?? '', /it crashes/)
    assert.ok(rows[1]?.includes(from))
    const list = JSON.parse(await weir('history', 'ruby', '--limit=1', '-o', 'json'))
    assert.deepEqual(
      [list.items.length, list.items[0].cause, list.items[0].kind],
      [1, 'rollback', 'TagEvent'],
    )
    assert.match((await weir('history', 'ruby')).split('\n')[0] ?? '', /^WHEN +TAG +CAUSE/)

    const then = JSON.parse(await weir('get', 'istag', 'ruby:latest', `--at=${between}`, '-o', 'json'))
    assert.deepEqual([then.image.metadata.name, then.tag], [one.digest, null])
    assert.match(await weir('get', 'istag/ruby:latest', `--at=${between}`), /^NAME +IMAGE REFERENCE/)

    for (const text of [
      await weir('describe', 'is', 'ruby'),
      await weir('describe', 'istag', 'ruby:latest'),
      await weir('explain-image', 'istag/ruby:latest'),
      await weir('explain-image', 'is/ruby'),
    ]) {
      assert.match(text, /rolled back .* by admin \(it crashes\): does not follow its source to sha256:/)
    }
    const fails = async (text: RegExp, ...args: string[]) => {
      const ended = await site.tryOc(['-n', 'demo-project', ...args], 'admin', 'weir')
      assert.equal(ended.code, 1, ended.stdout)
      assert.match(ended.stderr, text)
    }
    await fails(
      /NotFound.*at 2001-01-01T00:00:00Z it stood for no image/,
      'get',
      'istag',
      'ruby:latest',
      '--at=2001-01-01',
    )
    await fails(/at: Invalid value: "soon": must be a time/, 'get', 'istag', 'ruby:latest', '--at=soon')
    await fails(/--at takes names of image stream tags/, 'get', 'is', '--at=-5h')
    await fails(/imagestreams.image.openshift.io "none" not found/, 'history', 'none')
    await fails(/ruby:v9 has no history/, 'history', 'ruby:v9')
    await fails(/must be of the form <stream_name>:<tag>/, 'rollback-tag', 'ruby')
    await fails(/must be a number of images back/, 'rollback-tag', 'ruby:latest', '--to=soon')
    await fails(/is not held back/, 'resume', 'ruby:v9')
    assert.match(await weir('resume', 'ruby:latest'), /ruby:latest follows its source again/)
  })
})
