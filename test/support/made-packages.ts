// Shell that makes packages to install, in the current folder, with no tool that a Debian machine has not.

/** Wheels: helper 1.0 and 2.0, and greet 1.0, which needs helper and brings a program. */
export const MAKE_WHEELS = `python3 - <<'PYTHON'
import zipfile
def wheel(name, version, code, extra='', entry=''):
    info = f'{name}-{version}.dist-info'
    with zipfile.ZipFile(f'{name}-{version}-py3-none-any.whl', 'w') as archive:
        archive.writestr(f'{name}.py', code)
        archive.writestr(f'{info}/METADATA', f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n{extra}')
        archive.writestr(f'{info}/WHEEL', 'Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
        if entry: archive.writestr(f'{info}/entry_points.txt', f'[console_scripts]\\n{entry}\\n')
        archive.writestr(f'{info}/RECORD', '')
for version in '1.0', '2.0':
    wheel('helper', version, f'version = "{version}"\\ndef main(): print("helper")\\n', entry='helper = helper:main')
wheel('greet', '1.0', 'import helper\\ndef main(): print("hello, helper", helper.version)\\n', 'Requires-Dist: helper\\n', 'greet = greet:main')
PYTHON`;

/** llvm.deb: an empty package in the place of LLVM, which PostgreSQL's package asks for and only big queries use. */
export const MAKE_LLVM_PACKAGE = `mkdir -p llvm/DEBIAN
printf 'Package: libllvm14\\nVersion: 1:14.0.6-99\\nArchitecture: amd64\\nMaintainer: T <t@example.com>\\nDescription: t\\n' >llvm/DEBIAN/control
dpkg-deb --root-owner-group -b llvm llvm.deb >/dev/null`;

/** agent.deb: a package like that of the SSM agent, whose service only waits. */
export const MAKE_AGENT_PACKAGE = `mkdir -p agent/DEBIAN agent/lib/systemd/system
printf 'Package: amazon-ssm-agent\\nVersion: 3\\nArchitecture: all\\nMaintainer: T <t@example.com>\\nDescription: t\\n' >agent/DEBIAN/control
printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >agent/lib/systemd/system/amazon-ssm-agent.service
dpkg-deb --root-owner-group -b agent agent.deb >/dev/null`;
