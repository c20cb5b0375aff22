import type { Entry } from './command.ts'

/** All commands of the client; each is loaded when called. */

const entries: readonly Entry[] = [
  { name: 'get', short: 'Show objects', load: async () => (await import('./commands/get.ts')).getCommand },
  {
    name: 'tag',
    short: 'Point image stream tags at images',
    load: async () => (await import('./commands/tag.ts')).tagCommand,
  },
  {
    name: 'create',
    short: 'Create objects',
    load: async () => (await import('./commands/create.ts')).createGroup,
  },
  {
    name: 'describe',
    short: 'Describe objects for people to read',
    load: async () => (await import('./commands/describe.ts')).describeCommand,
  },
  {
    name: 'delete',
    short: 'Delete objects',
    load: async () => (await import('./commands/delete.ts')).deleteCommand,
  },
  {
    name: 'label',
    short: 'Set labels',
    load: async () => (await import('./commands/label.ts')).labelCommand,
  },
  {
    name: 'annotate',
    short: 'Set annotations',
    load: async () => (await import('./commands/label.ts')).annotateCommand,
  },
  {
    name: 'patch',
    short: 'Change fields of an object',
    load: async () => (await import('./commands/patch.ts')).patchCommand,
  },
  {
    name: 'import-image',
    short: 'Import images from a registry',
    load: async () => (await import('./commands/import-image.ts')).importImageCommand,
  },
  {
    name: 'whoami',
    short: 'Show who you are',
    load: async () => (await import('./commands/whoami.ts')).whoamiCommand,
  },
  {
    name: 'project',
    short: 'Show or change the project',
    load: async () => (await import('./commands/project.ts')).projectCommand,
  },
  {
    name: 'projects',
    short: 'Show your projects',
    load: async () => (await import('./commands/projects.ts')).projectsCommand,
  },
  {
    name: 'new-project',
    short: 'Request a project',
    load: async () => (await import('./commands/new-project.ts')).newProjectCommand,
  },
  {
    name: 'login',
    short: 'Log in to a server',
    load: async () => (await import('./commands/login.ts')).loginCommand,
  },
  {
    name: 'logout',
    short: 'End the session',
    load: async () => (await import('./commands/logout.ts')).logoutCommand,
  },
  {
    name: 'set',
    short: 'Change how workloads use images',
    load: async () => (await import('./commands/set.ts')).setGroup,
  },
  { name: 'run', short: 'Create a pod', load: async () => (await import('./commands/run.ts')).runCommand },
  {
    name: 'version',
    short: 'Show versions',
    load: async () => (await import('./commands/version.ts')).versionCommand,
  },
  {
    name: 'api-resources',
    short: 'Show the types of the server',
    load: async () => (await import('./commands/api-resources.ts')).apiResourcesCommand,
  },
  {
    name: 'api-versions',
    short: 'Show the group versions of the server',
    load: async () => (await import('./commands/api-resources.ts')).apiVersionsCommand,
  },
  {
    name: 'auth',
    short: 'Ask about permissions',
    load: async () => (await import('./commands/auth.ts')).authGroup,
  },
  {
    name: 'policy',
    short: 'Change who may do what',
    load: async () => (await import('./commands/policy.ts')).policyGroup,
  },
  {
    name: 'apply',
    short: 'Bring objects to what a file says',
    load: async () => (await import('./commands/apply.ts')).applyCommand,
  },
  {
    name: 'replace',
    short: 'Replace objects by what a file says',
    load: async () => (await import('./commands/replace.ts')).replaceCommand,
  },
  {
    name: 'config',
    short: 'See and change the kubeconfig',
    load: async () => (await import('./commands/config.ts')).configGroup,
  },
  {
    name: 'diff',
    short: 'Show what apply would change',
    load: async () => (await import('./commands/diff.ts')).diffCommand,
  },
  {
    name: 'edit',
    short: 'Edit an object',
    load: async () => (await import('./commands/edit.ts')).editCommand,
  },
  {
    name: 'explain',
    short: 'Describe a type',
    load: async () => (await import('./commands/explain.ts')).explainCommand,
  },
  {
    name: 'options',
    short: 'Show the flags of every command',
    load: async () => (await import('./commands/options.ts')).optionsCommand,
  },
  {
    name: 'help',
    short: 'Show the help of a command',
    load: async () => (await import('./commands/help-command.ts')).helpCommand,
  },
  {
    name: 'image',
    short: 'Work with images in registries',
    load: async () => (await import('./commands/image.ts')).imageGroup,
  },
  {
    name: 'registry',
    short: 'Find and log in to the registry',
    load: async () => (await import('./commands/registry.ts')).registryGroup,
  },
  {
    name: 'status',
    short: 'Show what a project deploys',
    load: async () => (await import('./commands/status.ts')).statusCommand,
  },
  {
    name: 'completion',
    short: 'Print a script for the shell',
    load: async () => (await import('./commands/completion.ts')).completionCommand,
  },
  {
    name: 'wait',
    short: 'Wait until objects are as they should be',
    load: async () => (await import('./commands/wait.ts')).waitCommand,
  },
  {
    name: '__complete',
    short: 'Complete a command line',
    hidden: true,
    load: async () => (await import('./commands/complete.ts')).completeCommand,
  },
  {
    name: 'rollout',
    short: 'See, start and take back rollouts',
    load: async () => (await import('./commands/rollout.ts')).rolloutGroup,
  },
  {
    name: 'new-app',
    short: 'Make an application from images and sources',
    load: async () => (await import('./commands/new-app.ts')).newAppCommand,
  },
  {
    name: 'new-build',
    short: 'Make a build config from sources and an image',
    load: async () => (await import('./commands/new-app.ts')).newBuildCommand,
  },
  {
    name: 'start-build',
    short: 'Start a build',
    load: async () => (await import('./commands/start-build.ts')).startBuildCommand,
  },
  {
    name: 'cancel-build',
    short: 'Cancel builds',
    load: async () => (await import('./commands/cancel-build.ts')).cancelBuildCommand,
  },
  {
    name: 'logs',
    short: 'Show the log of a build',
    load: async () => (await import('./commands/logs.ts')).logsCommand,
  },
  {
    name: 'rollback',
    short: 'Go back to an earlier rollout of a deployment config',
    load: async () => (await import('./commands/rollback.ts')).rollbackCommand,
  },
]

/** Commands that older clients had; `weir` keeps them, under the name `oc` they are unknown (cli.md §6, §12.3). */
const older: readonly Entry[] = [
  {
    name: 'export',
    short: 'Show objects for use elsewhere',
    hidden: true,
    load: async () => (await import('./commands/export.ts')).exportCommand,
  },
]

/** Commands that OpenShift's client never had. */
const own: readonly Entry[] = [
  {
    name: 'explain-image',
    short: 'Say why something uses the image that it uses',
    load: async () => (await import('./commands/explain-image.ts')).explainImageCommand,
  },
  {
    name: 'history',
    short: 'Show what a tag was, since when and why',
    load: async () => (await import('./commands/history.ts')).historyCommand,
  },
  {
    name: 'rollback-tag',
    short: 'Move a tag back to an earlier image, and hold it there',
    load: async () => (await import('./commands/rollback-tag.ts')).rollbackTagCommand,
  },
  {
    name: 'resume',
    short: 'Let a tag that was rolled back follow again',
    load: async () => (await import('./commands/resume.ts')).resumeCommand,
  },
  {
    name: 'undelete',
    short: 'Bring back what was collected or pruned',
    load: async () => (await import('./commands/undelete.ts')).undeleteCommand,
  },
]

export function rootEntries(program: string): readonly Entry[] {
  const secrets: Entry = {
    name: 'secrets',
    aliases: ['secret'],
    short: 'Give secrets to service accounts',
    load: async () => (await import('./commands/secrets.ts')).secretsGroup(program),
  }
  const adm: Entry = {
    name: 'adm',
    short: 'Commands for administrators',
    load: async () => (await import('./commands/adm.ts')).admGroup(program),
  }
  return [...entries, adm, secrets, ...(program === 'oc' ? [] : [...own, ...older])]
}
