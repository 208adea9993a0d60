// Which files are worth reading. A root file system has 16,000 files and 300 MB; nearly all of it came with packages and
// is the same on every machine. What is left is configuration, homes, applications and state: a thousand files or two.
import type { FileEntry } from '../../tree/file-tree.js';
import type { PackageView } from '../views/packages.js';

const SKIPPED_FOLDERS =
  /^\/(?:proc|sys|dev|boot|run\/systemd|lost\+found|var\/lib\/(?:dpkg|apt|rpm|dnf|systemd\/catalog|selinux|ucf|pam|python)|var\/cache\/(?:debconf|man|apt|ldconfig|fontconfig|swcatalog)|usr\/lib\/(?:sysimage|udev\/hwdb\.bin)|etc\/(?:alternatives|ssl\/certs|selinux\/\w+\/policy|ca-certificates|pki\/(?:ca-trust|rpm-gpg)|udev\/hwdb\.bin))(?:\/|$)/;
const SKIPPED_NAMES =
  /\.(?:so(?:\.[\d.]+)?|pyc|pyo|gz|xz|zst|bz2|zip|tar|tgz|whl|jar|war|png|jpe?g|gif|ico|svg|webp|woff2?|ttf|otf|eot|mo|o|a|ko|deb|rpm|wasm|map|mp[34]|pdf|exe|dll|node|gir|typelib|cache|hwdb|h|hpp|c|cc|cpp|rs|go|css)$/i;
/** Test keys of libraries are no secrets: everybody has them. */
const LIBRARY_FOLDER = /\/(?:site-packages|dist-packages|node_modules|gems)\//;
const TEST_FOLDER = /\/(?:tests?|testing|test_data|testdata|examples?|docs?|fixtures?|spec)\//;

/** Whether the content of a file is looked at for secrets. */
export function isSecretCandidate(entry: FileEntry, packages: PackageView): boolean {
  const { path, type, size } = entry;
  if (type !== 'file' || size < 8 || SKIPPED_FOLDERS.test(path)) return false;
  if (SKIPPED_NAMES.test(path) || isLibraryTest(path)) return false;
  if (!isVendorFolder(path)) return true;
  // Where we cannot ask whose file it is, what lies in /usr counts as the vendor's.
  return (packages.kind === 'dpkg' || packages.kind === 'rpm') && !packages.owns(path) && !/\/__pycache__\//.test(path);
}

function isLibraryTest(path: string): boolean {
  const library = LIBRARY_FOLDER.exec(path);
  // A pattern of both would look for the second from every first one.
  return library !== null && TEST_FOLDER.test(path.slice(library.index + library[0].length - 1));
}

/** Files in which a setting with a secret's name is one: configuration, and environment files. */
export function isConfigurationFile(path: string): boolean {
  if (!/^\/(?:etc|opt|srv|var\/www|home|root|usr\/local)\//.test(path)) return false;
  if (/\/(?:node_modules|site-packages|dist-packages|locale|i18n)\//.test(path)) return false;
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (/^(?:nsswitch\.conf|login\.defs|pwquality\.conf|package-lock\.json|package\.json)$/.test(name)) return false;
  if (/^\.env|\.env$|^\.?(?:my\.cnf|s3cfg|boto)$/.test(name)) return true;
  return (
    /\.(?:ya?ml|json|ini|conf|cfg|cnf|properties|xml|toml|env|config|php|rb|py|sh|service)$/i.test(name) ||
    /^\/etc\/(?:default|sysconfig)\//.test(path)
  );
}

function isVendorFolder(path: string): boolean {
  return /^\/(?:usr\/(?!local\/)|bin\/|sbin\/|lib\w*\/)/.test(path);
}
