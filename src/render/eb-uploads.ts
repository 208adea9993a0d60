// builder/platform-uploads/: what goes to / of the platform's image. The hooks are few scripts that stand in several
// places; a hook or file of the user's replaces ours of the same path.
import type { PlatformRuntime } from '../config/resolved-config.js';
import type { PlatformPlan } from '../plan/plan-platform.js';
import { copyTemplate } from './copy-template.js';
import type { RenderedFile } from './rendered-file.js';
import { renderText, type TextTemplates } from './text-template.js';

const UPLOADS = 'builder/platform-uploads';
const HOOKS = `${UPLOADS}/opt/elasticbeanstalk/hooks`;
const TASKS = `${UPLOADS}/opt/elasticbeanstalk/tasks`;
const LIB = `${UPLOADS}/usr/lib/buildimg/platform`;

/** Files of platform-uploads/, sorted by path. */
export function renderEbUploads(plan: PlatformPlan, templates: TextTemplates): readonly RenderedFile[] {
  const { runtime } = plan.config;
  const ours = runtime === undefined ? [] : renderRuntime(plan.config.name, runtime, templates);
  const theirs = [
    ...plan.files.map((file) => ({ ...file, path: `${UPLOADS}/${file.path}` })),
    ...plan.hooks.map((file) => ({ ...file, path: `${HOOKS}/${file.path}` })),
  ];
  const byPath = new Map([...ours, ...theirs].map((file) => [file.path, file]));
  return [...byPath.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Hook → script in templates/eb-platform/hooks/. Launch runs preinit, appdeploy, postinit; the rest is named by what it does. */
const RUNTIME_HOOKS = {
  'preinit/10-folders': 'folders',
  'appdeploy/pre/10-unpack': 'unpack',
  'appdeploy/pre/20-environment': 'environment',
  'appdeploy/pre/30-prepare': 'prepare',
  'appdeploy/enact/10-stop': 'stop',
  'appdeploy/enact/20-switch': 'switch',
  'appdeploy/enact/30-start': 'restart',
  'appdeploy/enact/40-proxy': 'proxy',
  'appdeploy/post/10-health': 'health',
  'appdeploy/post/20-healthd': 'healthd',
  'configdeploy/pre/10-check-proxy': 'check-proxy',
  'configdeploy/pre/20-environment': 'environment',
  'configdeploy/enact/30-restart': 'restart',
  'configdeploy/enact/40-proxy': 'proxy',
  'configdeploy/post/10-health': 'health',
  'restartappserver/pre/10-check-proxy': 'check-proxy',
  'restartappserver/enact/30-restart': 'restart',
  'restartappserver/enact/40-proxy': 'proxy',
  'restartappserver/post/10-health': 'health',
  'postinit/10-health': 'health',
} as const;

function renderRuntime(name: string, runtime: PlatformRuntime, templates: TextTemplates): readonly RenderedFile[] {
  const text = (path: string, template: string, values: object): RenderedFile => ({
    path: `${UPLOADS}/${path}`,
    mode: 0o644,
    content: { text: renderText(templates, template, values) },
  });
  const { commandOption = '', prepare = '', environment } = runtime;
  const defaults = Object.entries({ PORT: String(runtime.port), ...environment });
  const etc = 'eb-platform/etc';
  return [
    ...Object.entries(RUNTIME_HOOKS).map(([hook, script]) =>
      copyTemplate(`${HOOKS}/${hook}.sh`, `eb-platform/hooks/${script}.sh`, templates),
    ),
    copyTemplate(`${LIB}/platform.sh`, 'eb-platform/lib/platform.sh', templates),
    copyTemplate(`${LIB}/start-app.sh`, 'eb-platform/lib/start-app.sh', templates),
    copyTemplate(`${UPLOADS}/etc/logrotate.d/webapp`, `${etc}/logrotate.conf`, templates),
    text('etc/buildimg-platform/platform.config', `${etc}/platform.config.hbs`, {
      ...runtime,
      name,
      commandOption,
      prepare,
    }),
    text('etc/buildimg-platform/default.env', `${etc}/default.env.hbs`, {
      environment: defaults.map(([key, value]) => ({ name: key, value })),
    }),
    text('etc/systemd/system/webapp.service', `${etc}/webapp.service.hbs`, { user: runtime.user }),
    text('etc/nginx/conf.d/platform.conf', `${etc}/nginx-platform.conf.hbs`, { port: runtime.port }),
    ...renderTasks(runtime),
  ];
}

/** Which logs `eb logs` shows (tail), bundles and publishes: one glob a line. */
function renderTasks({ logs }: PlatformRuntime): readonly RenderedFile[] {
  const globs = Object.entries({
    webapp: '/var/log/webapp/*.log',
    nginx: '/var/log/nginx/*.log',
    ...logs,
  });
  const tails = globs.map(([name, glob]) => [name, [glob]] as const);
  const bundles = [...tails, ['healthd', ['/var/log/nginx/healthd/*', '/var/log/healthd/*']] as const];
  return [
    ...listTasks('bundlelogs.d', bundles),
    ...listTasks('publishlogs.d', tails),
    ...listTasks('taillogs.d', tails),
    ...listTasks('systemtaillogs.d', [['webapp', ['/var/log/webapp/*.log']]]),
  ];
}

function listTasks(folder: string, tasks: readonly (readonly [string, readonly string[]])[]): readonly RenderedFile[] {
  return tasks.map(([name, globs]) => ({
    path: `${TASKS}/${folder}/${name}.conf`,
    mode: 0o644,
    content: { text: `${globs.join('\n')}\n` },
  }));
}
