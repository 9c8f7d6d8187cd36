import assert from 'node:assert/strict';
import { it } from '@jest/globals';
import { isCommonPassword } from './common-passwords.ts';
import { isReservedUsername } from './identity-rules.ts';

it('user names that would be taken for the product, an operator or nobody are reserved', () => {
  const reserved = [
    'admin', 'Admin', 'ADMIN', 'a.d.m.i.n', 'ad-min', 'admin_', '_admin_', 'adm1n', '4dmin', '@dmin', 'ádmin', 'adrnin', 'root', 'r00t', 'support', 'supp0rt', 'sup-port', 'system', '5ystem', 'syst3m',
    'prodvor', 'ProDvor', 'pro-dvor', 'pr0dv0r', 'prodvor-support', 'the.prodvor.team', 'moderator', 'help', 'security', 'postmaster', 'no-reply', 'noreply', 'www', 'null', 'undefined',
    'everyone', '...', '---', '___', '._-', 'he1p', 'officia1', 'bi11ing',
  ];
  for (const name of reserved) assert.equal(isReservedUsername(name), true, name);
  for (const name of ['anna', 'boris', 'adminton', 'badminton', 'rooty', 'supporter', 'helpful', 'dina-1a2b', 'sergey.petrov', 'system-of-a-down', 'olga', 'jan@example.test', 'nulls', 'x']) {
    assert.equal(isReservedUsername(name), false, name);
  }
});

it('passwords that a guesser tries first are common, however they are dressed up', () => {
  const common = [
    'password', 'Password1', 'P@ssw0rd', 'passw0rd!', 'PASSWORD', 'pass word', 'password password', '12345678', '1234567890', '987654321', '11111111', '19850412', '00000000000', 'qwerty123', 'qwertyuiop', '1q2w3e4r',
    '1qaz2wsx', 'zaq12wsx', 'qazwsxedc', 'asdfghjkl', 'iloveyou', 'ILoveYou!', 'i love you', 'abcd1234', 'a1b2c3d4', 'aaaaaaaa', 'abababab', 'football', 'Football2024!', 'footballfootball', 'liverpool1', 'dragon12',
    'letmein!', 'trustno1', 'welcome1', 'changeme', 'secret123', 'michael1', 'spartak1922', 'пароль123', 'йцукен12', 'Наташа2010', 'gfhjkm123', 'ghbdtn99', 'prodvor2026', '!@#$%^&*', 'ｐａｓｓｗｏｒｄ',
  ];
  for (const password of common) assert.equal(isCommonPassword(password), true, password);
  const good = [
    'correct horse', 'correct horse battery', 'two yellow dogs', 'another good pass phrase', 'vK9#pLm2', 'x7Kq2!mZ', 'Nf4tB8wQz1', 'пароль ü😀', 'goalkeeper at dawn', 'грустный зелёный мяч', '839104756291038',
  ];
  for (const password of good) assert.equal(isCommonPassword(password), false, password);
});
