import { describe, expect, it } from '@jest/globals';
import { parseMachineReadable, stripUiPrefix } from '../../src/packer/parse-machine-readable.js';

// Lines as Packer 1.6.6 printed them.
describe('parseMachineReadable', () => {
  it('reads a line for a person, with its commas back in place', () => {
    const message = parseMachineReadable('1795338103,,ui,message,    ami: hello%!(PACKER_COMMA) world');

    expect(message).toEqual({ kind: 'ui', level: 'message', text: '    ami: hello, world' });
  });

  it('reads newlines inside a line', () => {
    const message = parseMachineReadable('1795338104,,ui,say,\\n==> Wait completed after 1 second');

    expect(message).toEqual({ kind: 'ui', level: 'say', text: '\n==> Wait completed after 1 second' });
  });

  it('reads why a build failed', () => {
    const message = parseMachineReadable(
      '1795338104,ami,error,Script exited with non-zero exit status: 3.Allowed exit codes are: [0]',
    );

    expect(message).toEqual({
      kind: 'build-error',
      target: 'ami',
      text: 'Script exited with non-zero exit status: 3.Allowed exit codes are: [0]',
    });
  });

  it('reads an artifact', () => {
    const message = parseMachineReadable('1795338104,ami,artifact,0,id,us-east-1:ami-0123456789abcdef0');

    expect(message).toEqual({ kind: 'artifact', target: 'ami', key: 'id', value: 'us-east-1:ami-0123456789abcdef0' });
  });

  it('keeps types that it does not know', () => {
    expect(parseMachineReadable('1795338104,,error-count,1')).toEqual({
      kind: 'other',
      type: 'error-count',
      values: ['1'],
    });
  });

  it.each(['', 'panic: runtime error, index out of range,x', 'goroutine 1 [running]:', 'a,b'])(
    'takes %j for no line of packer’s',
    (line) => {
      expect(parseMachineReadable(line)).toBeUndefined();
    },
  );
});

describe('stripUiPrefix', () => {
  it.each([
    ['==> ami: Stopping the source instance...', 'Stopping the source instance...'],
    ['    ami: Instance ID: i-1', 'Instance ID: i-1'],
    ['    HVM AMI builder: Instance ID: i-1', 'Instance ID: i-1'],
    ['\u001b[1;32m==> ami: Connected to SSH!\u001b[0m', 'Connected to SSH!'],
    ["Build 'ami' finished.", "Build 'ami' finished."],
  ])('makes %j into %j', (text, expected) => {
    expect(stripUiPrefix(text)).toBe(expected);
  });
});
