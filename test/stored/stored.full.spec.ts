import { describeInstallations } from './describe-installations.ts';

describeInstallations('full');
