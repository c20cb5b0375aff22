import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseDeleteOptions, parseWriteOptions } from './write-options.ts'

const query = (text: string) => new URLSearchParams(text)

describe('parseWriteOptions', () => {
  it('reads what is there', () => {
    assert.deepEqual(parseWriteOptions(query(''), 'create'), { dryRun: false, fieldValidation: 'Warn' })
    assert.deepEqual(
      parseWriteOptions(query('dryRun=All&fieldValidation=Strict&fieldManager=kubectl&force=true'), 'apply'),
      { dryRun: true, fieldValidation: 'Strict', fieldManager: 'kubectl', force: true },
    )
  })

  it('refuses with 422 in the name of the options', () => {
    const cases: [string, 'create' | 'update' | 'patch' | 'apply', string][] = [
      [
        'dryRun=Some',
        'create',
        'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: supported values: "All"',
      ],
      [
        'fieldValidation=Maybe',
        'update',
        'UpdateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
      ],
      [
        '',
        'apply',
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      ],
      [
        'force=true',
        'patch',
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
      ],
      [
        `fieldManager=${'x'.repeat(129)}`,
        'create',
        'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes',
      ],
      [
        'fieldManager=a%0Ab',
        'create',
        'CreateOptions.meta.k8s.io "" is invalid: fieldManager: Invalid value: "a\\nb": should only contain printable characters',
      ],
    ]
    for (const [text, verb, message] of cases) {
      assert.throws(() => parseWriteOptions(query(text), verb), { code: 422, message })
    }
  })
})

describe('parseDeleteOptions', () => {
  it('reads bodies of any group version, or without', () => {
    const sent = { propagationPolicy: 'Background', gracePeriodSeconds: 0, preconditions: { uid: 'u' } }
    for (const type of [
      {},
      { kind: 'DeleteOptions', apiVersion: 'v1' },
      { kind: 'DeleteOptions', apiVersion: 'image.openshift.io/v1' },
    ]) {
      assert.deepEqual(parseDeleteOptions(query('propagationPolicy=Orphan'), { ...type, ...sent }), {
        dryRun: false,
        ...sent,
      })
    }
  })

  it('reads the query where there is no body', () => {
    assert.deepEqual(
      parseDeleteOptions(query('dryRun=All&propagationPolicy=Foreground&gracePeriodSeconds=5'), undefined),
      {
        dryRun: true,
        propagationPolicy: 'Foreground',
        gracePeriodSeconds: 5,
      },
    )
  })

  it('refuses what cannot be', () => {
    assert.throws(() => parseDeleteOptions(query(''), { propagationPolicy: 'Never' }), {
      code: 422,
      message:
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Never": supported values: "Foreground", "Background", "Orphan", "nil"',
    })
    assert.throws(() => parseDeleteOptions(query(''), { kind: 'Pod', apiVersion: 'v1' }), { code: 400 })
    assert.throws(() => parseDeleteOptions(query(''), { gracePeriodSeconds: 'x' }), {
      code: 400,
      message:
        /json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64/,
    })
  })
})
