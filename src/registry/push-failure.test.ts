import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ApiError,
  alreadyExists,
  forbidden,
  internalError,
  notFound,
  unauthorized,
} from '../machinery/errors.ts'
import { isMissingStream, toPushFailure } from './push-failure.ts'

const mappings = { group: 'image.openshift.io', resource: 'imagestreammappings' }
const namespacesResource = { group: '', resource: 'namespaces' }

describe('push failures (B-23)', () => {
  it('the stream is created only for a 404 about this mapping', () => {
    assert.ok(isMissingStream(notFound(mappings, 'app'), 'app'))
    assert.ok(!isMissingStream(notFound(mappings, 'other'), 'app'))
    assert.ok(!isMissingStream(notFound({ group: mappings.group, resource: 'imagestreams' }, 'app'), 'app'))
    assert.ok(!isMissingStream(notFound(namespacesResource, 'app'), 'app'))
    assert.ok(!isMissingStream(alreadyExists(mappings, 'app'), 'app'))
  })

  const quota = 'exceeded quota: small, requested: openshift.io/imagestreams=1'
  const cases: [string, unknown, 'creating' | 'mapping', string][] = [
    ['forbidden', forbidden(mappings, 'app', 'no'), 'mapping', 'DENIED'],
    ['a missing namespace', notFound(namespacesResource, 'p'), 'mapping', 'DENIED'],
    ['quota as forbidden', new ApiError(403, 'Forbidden', quota), 'creating', 'DENIED'],
    [
      'a limit as invalid',
      new ApiError(422, 'Invalid', 'the image exceeds the maximum limit'),
      'mapping',
      'DENIED',
    ],
    ['other invalid', new ApiError(422, 'Invalid', 'tag: Required value'), 'mapping', 'UNKNOWN'],
    ['unauthorized while creating', unauthorized(), 'creating', 'DENIED'],
    ['unauthorized while mapping', unauthorized(), 'mapping', 'UNKNOWN'],
    ['an internal error', internalError('x'), 'mapping', 'UNKNOWN'],
    ['a bug', new TypeError('x'), 'mapping', 'UNKNOWN'],
  ]
  for (const [name, error, step, code] of cases) {
    it(`${name} → ${code}`, () => assert.equal(toPushFailure(error, step).items[0]?.code, code))
  }
})
