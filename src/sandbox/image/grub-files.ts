// What grub-install leaves below /boot/grub, made by the guest's own GRUB: its core image must be of the release that the
// modules beside it are, because GRUB refuses modules of another one.

/** Where grub-install puts modules and images for BIOS, relative to the root. */
export const GRUB_FOLDER = 'boot/grub/i386-pc';

// In the core image, so that the boot reads one piece of disk and not thirty files. fat and the rest of what a changed
// grub.cfg may name are loaded from the folder.
const CORE_MODULES = [
  'biosdisk part_gpt ext2 normal linux configfile search search_fs_uuid search_label search_fs_file test',
  'echo ls cat serial terminal all_video gfxterm gzio minicmd reboot halt loadenv true boot msdospart part_msdos',
].join(' ');

/** Lines of a shell script that has the root folder in `$root`. */
export const GRUB_SCRIPT = `grub=$root/${GRUB_FOLDER}
mkdir -p "$grub"
cp "$root"/usr/lib/grub/i386-pc/*.mod "$root"/usr/lib/grub/i386-pc/*.lst "$root/usr/lib/grub/i386-pc/boot.img" "$grub/"
chroot "$root" grub-mkimage -O i386-pc -o /${GRUB_FOLDER}/core.img -p '(hd0,gpt1)/boot/grub' ${CORE_MODULES}
chroot "$root" grub-editenv /boot/grub/grubenv create
`;
