/**
 * Setuid, setgid and capability programs that distributions ship, for targets whose package database is not read. From
 * minimal and server installations of Debian, Ubuntu, Amazon Linux and the Red Hat family.
 */
export const stockSetuidPrograms: ReadonlySet<string> = new Set(
  listPaths(`
    /usr/bin: at bsd-write chage chfn chsh crontab dotlockfile expiry fusermount fusermount3 gpasswd locate plocate mlocate
    /usr/bin: mount newgidmap newgrp newuidmap ntfs-3g passwd ping ping6 pkexec ssh-agent su sudo sudoedit umount wall write
    /usr/bin: write.ul arping clockdiff mtr-packet staprun cgexec cgclassify screen systemd-detect-virt
    /usr/sbin: pam_extrausers_chkpwd pam_timestamp_check unix_chkpwd mount.nfs mount.cifs netreport usernetctl userhelper
    /usr/sbin: grub2-set-bootflag lockdev postdrop postqueue suexec exim4 arping clockdiff mtr-packet newgidmap newuidmap
    /usr/lib: dbus-1.0/dbus-daemon-launch-helper openssh/ssh-keysign polkit-1/polkit-agent-helper-1 snapd/snap-confine
    /usr/lib: x86_64-linux-gnu/utempter/utempter aarch64-linux-gnu/utempter/utempter
    /usr/lib64: dbus-1/dbus-daemon-launch-helper
    /usr/libexec: dbus-1/dbus-daemon-launch-helper openssh/ssh-keysign utempter/utempter pt_chown
    /usr/libexec/sssd: krb5_child ldap_child proxy_child selinux_child sssd_pam
  `),
);

/** Programs that run others, or read and write any file: setuid on one of these is root, whoever owns it. */
export function isShell(path: string): boolean {
  return /\/(?:ba|da|z|k|c|tc|fi|a|pdk|mk)?sh$|\/(?:bash|busybox|python[\d.]*|perl[\d.]*|ruby[\d.]*|node|php[\d.]*|lua[\d.]*|env|find|vim?(?:\.\w+)?|nano|less|more|awk|gawk|mawk|cp|mv|dd|tee|tar|rsync|docker|nmap|gdb|strace|systemctl)$/.test(
    path,
  );
}

function listPaths(table: string): readonly string[] {
  return table
    .trim()
    .split('\n')
    .flatMap((line) => {
      const [folder = '', names = ''] = line.trim().split(': ');
      return names.split(' ').map((name) => `${folder}/${name}`);
    });
}
