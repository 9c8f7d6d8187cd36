-- AlterEnum
ALTER TYPE "draw_method" ADD VALUE 'BY_RATING';
