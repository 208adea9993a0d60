// Installs grub for BIOS into a disk image without mounting it: what grub-setup does, by hand.
// Offsets: grub-core/boot/i386/pc/{boot,diskboot}.S and include/grub/offsets.h of GRUB 2.06.

const SECTOR_SIZE = 512;
/** boot.img: LBA of the core image's first sector, 64 bit. */
const KERNEL_SECTOR_OFFSET = 0x5c;
const BOOT_DRIVE_OFFSET = 0x64;
const DRIVE_CHECK_OFFSET = 0x66;
/** End of the boot code; after it comes the disk's own signature and partition table. */
const BOOT_CODE_LENGTH = 0x1b8;
const BLOCK_LIST_OFFSET = 0x1f4;
const CORE_LOAD_SEGMENT = 0x820;

export interface GrubImages {
  readonly boot: Buffer;
  readonly core: Buffer;
}

/** Returns the images with the addresses of a core image that lies in one piece at sector `coreSector`. */
export function locateGrub(images: GrubImages, coreSector: number): GrubImages {
  const boot = Buffer.from(images.boot.subarray(0, BOOT_CODE_LENGTH));
  boot.writeBigUInt64LE(BigInt(coreSector), KERNEL_SECTOR_OFFSET);
  // 0xff: boot from the drive that the BIOS says it booted from. Two NOPs: no check for floppy drives.
  boot.writeUInt8(0xff, BOOT_DRIVE_OFFSET);
  boot.writeUInt16LE(0x9090, DRIVE_CHECK_OFFSET);
  const sectors = Math.ceil(images.core.length / SECTOR_SIZE);
  const core = Buffer.alloc(sectors * SECTOR_SIZE);
  images.core.copy(core);
  core.writeBigUInt64LE(BigInt(coreSector + 1), BLOCK_LIST_OFFSET);
  core.writeUInt16LE(sectors - 1, BLOCK_LIST_OFFSET + 8);
  core.writeUInt16LE(CORE_LOAD_SEGMENT, BLOCK_LIST_OFFSET + 10);
  return { boot, core };
}
