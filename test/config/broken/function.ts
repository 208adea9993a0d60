export default { version: 1, images: { web: () => ({ version: '1.0.0' }) } };
