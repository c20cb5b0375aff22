import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeLayout, formatTabs, setLayout, tableLayout, topLayout } from './tab-writer.ts'

it('pads with spaces to the widest cell and the padding, and leaves the last cell alone', () => {
  assert.equal(
    formatTabs('NAME\tTAGS\nmy-image\tlatest\n', tableLayout),
    'NAME       TAGS\nmy-image   latest\n',
  )
})

it('an empty last cell leaves the padding of the one before it', () => {
  assert.equal(
    formatTabs('NAME\tTAGS\tUPDATED\nempty\t\t\n', tableLayout),
    'NAME    TAGS   UPDATED\nempty          \n',
  )
})

it('rounds columns up to whole tabs', () => {
  assert.equal(
    formatTabs('Name:\tx\nImage Repository:\ty\n', describeLayout),
    'Name:\t\t\tx\nImage Repository:\ty\n',
  )
})

it('a line without a tab ends a block', () => {
  assert.equal(formatTabs('a\t1\n\nlonger-one\t2\n', setLayout), 'a  1\n\nlonger-one  2\n')
})

it('a column is as wide as its own run of lines needs', () => {
  assert.equal(formatTabs('a\tb\tc\nd\te\nf\tlong\tg\n', setLayout), 'a  b  c\nd  e\nf  long  g\n')
})

it('pads every cell that a tab ends', () => {
  assert.equal(
    formatTabs('NAME\tLAYERS\t\ndemo/ruby\t3\t\n', topLayout),
    'NAME      LAYERS \ndemo/ruby 3      \n',
  )
})

it('remembers the widths of earlier calls', () => {
  const widths: number[] = []
  formatTabs('a-long-name\t1\n', tableLayout, widths)
  assert.equal(formatTabs('b\t2\n', tableLayout, widths), 'b             2\n')
})

it('counts code points', () => {
  assert.equal(formatTabs('ä\t1\nab\t2\n', setLayout), 'ä   1\nab  2\n')
})
