/** Size of every block of the EBS direct APIs, in bytes. */
export const BLOCK_BYTES = 512 * 1024;
