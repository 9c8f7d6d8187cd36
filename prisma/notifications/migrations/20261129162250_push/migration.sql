-- CreateEnum
CREATE TYPE "device_kind" AS ENUM ('WEB', 'FCM');

-- CreateTable
CREATE TABLE "devices" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "name" TEXT,
    "kind" "device_kind" NOT NULL,
    "address" TEXT NOT NULL,
    "address_hash" TEXT NOT NULL,
    "p256dh" TEXT,
    "auth" TEXT,
    "refusals" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "devices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "sent_pushes" (
    "job_id" UUID NOT NULL,
    "device_id" UUID NOT NULL,
    "sent_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sent_pushes_pkey" PRIMARY KEY ("job_id","device_id")
);

-- CreateTable
CREATE TABLE "push_keys" (
    "id" INTEGER NOT NULL,
    "public_key" TEXT NOT NULL,
    "private_key" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "push_keys_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "devices_address_hash_key" ON "devices"("address_hash");

-- CreateIndex
CREATE INDEX "devices_user_id_seen_at_idx" ON "devices"("user_id", "seen_at");

-- CreateIndex
CREATE UNIQUE INDEX "devices_user_id_client_id_key" ON "devices"("user_id", "client_id");

-- CreateIndex
CREATE INDEX "sent_pushes_sent_at_idx" ON "sent_pushes"("sent_at");
