import { describeRealDebian } from './support/describe-real-debian.js';

describeRealDebian('debian-12');
