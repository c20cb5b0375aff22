import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compileGoTemplate } from './go-template.ts'

const value = {
  kind: 'List',
  items: [{ metadata: { name: 'a', labels: { x: '1' } }, n: 3 }, { metadata: { name: 'b' } }],
}

const templates: [string, string][] = [
  ['{{range .items}}{{.metadata.name}}{{"\\n"}}{{end}}', 'a\nb\n'],
  ['{{range $i, $x := .items}}{{$i}}={{$x.metadata.name}} {{end}}', '0=a 1=b '],
  ['{{if eq .kind "List"}}yes{{else}}no{{end}}', 'yes'],
  ['{{if .none}}a{{else if .kind}}b{{else}}c{{end}}', 'b'],
  ['{{with index .items 0}}{{.n}}{{end}}', '3'],
  ['{{ len .items }} {{- /* gone */ -}} x', '2x'],
  ['{{index .items 0 "metadata" "name" | printf "%q"}}', '"a"'],
  ['{{(index .items 0).metadata.labels}}', 'map[x:1]'],
  ['{{.none}}', '<no value>'],
  ['{{define "t"}}<{{.}}>{{end}}{{template "t" .kind}}', '<List>'],
  ['{{$x := 1}}{{range .items}}{{$x = 2}}{{end}}{{$x}}', '2'],
  ['{{range .items}}{{if eq .metadata.name "b"}}{{break}}{{end}}{{.metadata.name}}{{end}}', 'a'],
  ['{{and .kind "x"}} {{or .none "y"}} {{not .none}}', 'x y true'],
  ['{{"aGk=" | base64decode}} {{exists . "items" 0 "n"}}', 'hi true'],
  ['{{range .none}}x{{else}}none{{end}}', 'none'],
]
for (const [template, text] of templates) {
  it(`${template} is ${JSON.stringify(text)}`, () =>
    assert.equal(compileGoTemplate(template, { allowMissing: true })(value), text))
}

it('tells what is wrong', () => {
  assert.throws(() => compileGoTemplate('{{if .x}}', { allowMissing: true }), /unexpected EOF/)
  assert.throws(
    () => compileGoTemplate('{{nope .x}}', { allowMissing: true })(value),
    /function "nope" not defined/,
  )
  assert.throws(
    () => compileGoTemplate('{{.none}}', { allowMissing: false })(value),
    /map has no entry for key "none"/,
  )
})
