/** Paths below a folder of hooks that Elastic Beanstalk runs; what lies deeper or elsewhere it never looks at. */
export const HOOK_PLACE =
  /^(?:(?:appdeploy|configdeploy|restartappserver)\/(?:pre|enact|post)|preinit|postinit)\/[^/]+$/;
