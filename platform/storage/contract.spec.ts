import { describe, it } from '@jest/globals';
import { minioOfThisRun, openBucket, openFolder, s3OfThisRun } from './contract.adapters.ts';
import { storageContract } from './contract.ts';

storageContract('a folder', openFolder);

const server = s3OfThisRun();
if (server) storageContract('a bucket', () => openBucket(server));
else describe.skip('a bucket', () => it('needs the S3 server of full mode', () => undefined));

const minio = minioOfThisRun();
if (minio) storageContract('a bucket of MinIO', () => openBucket(minio));
