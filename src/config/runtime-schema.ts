// How a platform runs the application that is deployed to it. Values end in shell and systemd files on the instance, so
// the patterns keep to what those take without surprises.
import { Type } from 'typebox';
import { Closed, MapOf, Text } from './schema-types.js';

const Command = { pattern: '^[^\\n\\r]{1,1000}$', patternErrorMessage: 'a command is one line' };

export const RuntimeSchema = Closed(
  {
    command: Text({
      ...Command,
      description: 'Starts the application, in its folder; it must stay in the foreground.',
    }),
    commandOption: Type.Optional(
      Text({
        pattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$',
        patternErrorMessage: 'an option here is named by letters, digits and _',
        description: 'Option of the platform by which an environment sets another command.',
      }),
    ),
    prepare: Type.Optional(
      Text({ ...Command, description: 'Runs in the unpacked bundle before it is switched to, like `npm ci`.' }),
    ),
    port: Type.Optional(
      Type.Integer({
        minimum: 1024,
        maximum: 65535,
        default: 8080,
        description: 'Where the application listens (PORT).',
      }),
    ),
    user: Type.Optional(
      Text({
        default: 'webapp',
        pattern: '^[a-z_][a-z0-9_-]{0,31}$',
        patternErrorMessage: 'a user has 1 to 32 lower-case letters, digits, _ and -',
        description: 'Account that the application runs as; made when it is missing.',
      }),
    ),
    healthPath: Type.Optional(
      Text({
        default: '/',
        pattern: '^/[A-Za-z0-9._~/?&=%-]{0,200}$',
        patternErrorMessage: 'a health path starts with "/" and has URL characters only',
        description: 'What a deployment asks the application for before it counts as done.',
      }),
    ),
    startTimeoutSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 900, default: 60 })),
    environment: Type.Optional(
      MapOf(Text(), {
        keyPattern: '^[A-Za-z_][A-Za-z0-9_]{0,63}$',
        keyErrorMessage: 'an environment variable is named by letters, digits and _',
        default: {},
        description: 'Environment of the application; what an environment sets goes over it.',
      }),
    ),
    logs: Type.Optional(
      MapOf(
        Text({
          pattern: '^/[A-Za-z0-9._/*?-]{1,200}$',
          patternErrorMessage: 'a glob of logs is an absolute path with * and ?',
        }),
        {
          keyPattern: '^[a-z][a-z0-9-]{0,30}$',
          keyErrorMessage: 'a log is named by lower-case letters, digits and -',
          default: {},
          description: 'More logs that `eb logs` collects: a name and a glob each.',
        },
      ),
    ),
  },
  { description: 'A web application behind nginx, run by systemd.' },
);
