import { describeInstallations } from './goes-on.ts';

describeInstallations('embedded');
