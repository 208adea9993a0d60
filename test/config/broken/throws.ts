const images: Record<string, unknown> = {};
if (Object.keys(images).length === 0) throw new Error('no images today');
export default { version: 1, images };
