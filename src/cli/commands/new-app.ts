import type { Command } from '../command.ts'
import { newFlags, runNew } from '../new-app/run-new.ts'
import { templateFlags } from '../new-app/template-file.ts'

/** cli.md §18. */
export const newAppCommand: Command = {
  usage: '(IMAGE | IMAGESTREAM | IMAGE~SOURCE | SOURCE ...)',
  long: `Make an application from images, and from sources that are built on images.

Names are looked for among the image streams of the project and of the project openshift, then in registries. Words of the form NAME=VALUE are variables; images joined by + share their pods.`,
  examples: `# What a stream tag holds
$0 new-app ruby:2.0

# An image of a registry, followed by a stream of its own
$0 new-app --image=docker.io/library/mysql -e MYSQL_ROOT_PASSWORD=secret

# Sources, built on a stream tag
$0 new-app ruby:2.0~https://github.com/sclorg/ruby-ex.git

# The objects of a template
$0 new-app -f template.json -p NAME=web

# What is there?
$0 new-app -L`,
  flags: [
    ...newFlags,
    ...templateFlags,
    { name: 'as-deployment-config', kind: 'bool', help: 'Make deployment configs rather than deployments.' },
    { name: 'list', short: 'L', kind: 'bool', help: 'Show all streams that could be used.' },
    { name: 'search', short: 'S', kind: 'bool', help: 'Show the streams that the words could mean.' },
  ],
  run: (context) => runNew(context, { runs: true, generatedBy: 'OpenShiftNewApp' }),
}

export const newBuildCommand: Command = {
  usage: '(IMAGE~SOURCE | SOURCE ...)',
  long: `Make a build config from sources and the image that they are built on.

Names are looked for as new-app does.`,
  examples: `# Build sources on a stream tag
$0 new-build ruby:2.0~https://github.com/sclorg/ruby-ex.git`,
  flags: newFlags,
  run: (context) => runNew(context, { runs: false, generatedBy: 'OpenShiftNewBuild' }),
}
