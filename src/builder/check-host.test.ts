import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultAddressPolicy } from '../upstream/index.ts'
import { createHostCheck } from './check-host.ts'

describe('threat 3: hosts of sources and base images', () => {
  const answers: Record<string, string[]> = {
    'metadata.example': ['169.254.169.254'],
    'mixed.example': ['93.184.216.34', '169.254.169.254'],
    'inner.example': ['10.0.0.1'],
    'outer.example': ['93.184.216.34'],
  }
  const resolve = async (host: string) => answers[host] ?? [host]
  const open = createHostCheck(defaultAddressPolicy, new Set(), resolve)
  const closed = createHostCheck(
    { ...defaultAddressPolicy, innermost: 'public' },
    new Set(['127.0.0.1:5000']),
    resolve,
  )

  it('are judged by every address that their names have', async () => {
    await open('outer.example')
    await open('inner.example:8080')
    await assert.rejects(open('metadata.example'), /address not allowed/)
    await assert.rejects(open('mixed.example:443'), /address not allowed/)
    await assert.rejects(open('169.254.169.254'), /address not allowed/)
    await assert.rejects(closed('inner.example'), /address not allowed/)
  })

  it('leave our own registry alone, by its port', async () => {
    await closed('127.0.0.1:5000')
    await assert.rejects(closed('127.0.0.1:6000'), /address not allowed/)
  })
})
