export default {
  version: 1,
  images: {
    web: { version: '1.0.0', source: { os: 'debian-12' }, architecture: 'amd64' },
  },
};
