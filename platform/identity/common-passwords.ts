import { estimateBits } from '../config/secrets.ts';

/**
 * The most common leaked passwords, collected by us from common knowledge: words, names, clubs, rows of keys, and
 * Russian words typed on a Latin keyboard. Before the comparison, digits and signs at either end of a password are
 * removed. Within it, `@`, `$`, `!` and the digits 0, 1, 3, 4, 5 and 7 are read as the letters that they resemble. So
 * one word here also matches "Word1", "w0rd2024!" and similar ones.
 */
const WORDS = `
password passwort passwords passw parole parola contrasena senha motdepasse wachtwoord haslo heslo salasana lozinka sifre mypassword thepassword newpassword
pass passpass secret secrets secreto geheim topsecret letmein letmeinnow openup opensesame sesame enter access accessdenied trustno trustnoone changeme change
default temp temporary temppass guest user username login logon signin welcome welcomeback hello helloworld hellohello hallo hallohallo bonjour salut servus
admin administrator adminadmin root rootroot toor system manager superuser supervisor support service server database oracle mysql postgres linux ubuntu windows
computer internet google facebook youtube twitter instagram whatsapp telegram yandex mailru gmail yahoo hotmail microsoft apple iphone android samsung nokia sony
playstation nintendo xbox minecraft roblox fortnite pokemon pikachu naruto counterstrike warcraft starcraft zelda mario sonic gamer gaming
qwerty qwertz azerty qwertyui qwertyuiop qwertyqwerty qwert qwer asdf asdfg asdfgh asdfghjk asdfghjkl asdfasdf zxcv zxcvb zxcvbn zxcvbnm 1q2w3e 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3 q1w2e3r4 q1w2e3r4t5 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 zaq12wsx zaq1xsw2 a1b2c3 a1b2c3d4 1a2b3c 1a2b3c4d !@#$%^&* !@#$%^&*()
qazwsx qazwsxedc wsxedc
qweasd qweasdzxc asdzxc poiuytrewq lkjhgfdsa mnbvcxz zaqxsw qazxsw zaq azertyuiop yxcvbnm qwaszx abcabc abcd abcde abcdef abcdefg abcdefgh abc xyz aaa asd qwe
iloveyou iloveu ilovegod iloveme ilove loveyou lovely loveme lovelove love lover loveforever forever foreverlove babygirl babyboy baby babyblue sweetheart sweety
sweetie darling honey angel angels princess prince queen king kingkong kings beautiful beauty pretty cutie sexy sexygirl kisses kiss hearts
sunshine sunflower sunset summer winter spring autumn january february march april june july august september october november december monday friday sunday
flower flowers rose roses butterfly rainbow star stars starlight moon moonlight heaven hell fire water earth storm thunder lightning shadow phoenix
dragon dragons dragonball tiger tigers lion lions eagle eagles falcon hawk wolf wolves bear bears panther panthers monkey monkeys elephant dolphin dolphins
turtle rabbit bunny kitty kitten hellokitty cat cats dog dogs doggie puppy horse horses bird spider snake shark fish chicken
football footballer futbol fussball soccer basketball volleyball handball hockey baseball softball tennis cricket rugby golf golfer boxing fitness sport sports
champion champions winner goalkeeper striker team playing player players ronaldo cristiano messi lionelmessi neymar zidane beckham maradona pele jordan kobe
lebron liverpool chelsea arsenal manchester manutd manunited united everton tottenham celtic rangers barcelona barca realmadrid madrid juventus milan inter
napoli roma bayern borussia dortmund schalke werder hamburg benfica porto ajax feyenoord galatasaray fenerbahce besiktas spartak zenit cska dinamo dynamo
lokomotiv steelers cowboys yankees lakers redsox packers giants patriots raiders ferrari porsche mercedes corvette mustang camaro harley yamaha honda toyota
superman batman spiderman ironman wonderwoman avengers starwars startrek skywalker matrix gandalf hobbit harrypotter potter hogwarts dumbledore frodo
metallica nirvana slipknot blink greenday linkinpark eminem rihanna beyonce shakira onedirection justinbieber music guitar rockstar rock hiphop metal
freedom liberty peace power hope faith jesus jesuschrist christ god godisgood blessed blessing grace church bible amen allah bismillah
money dollar dollars gold golden silver diamond diamonds lucky luckyone destiny magic wizard master hunter killer warrior soldier ninja samurai pirate
chocolate cookie cookies cheese pizza coffee banana orange apple apples strawberry cherry lemon peanut pepper ginger sugar candy chicken whatever nothing
something anything everything dontknow idontknow fuckyou fuckoff fuckme fuck asshole bitch shit pussy dick penis biteme lifeisgood hakunamatata cocacola pepsi
michael michelle jennifer jessica ashley nicole daniel daniela matthew andrew andrea joshua robert thomas charlie charles george william alexander alexandra
alexandr aleksandr anthony jonathan christian christopher samantha amanda melissa stephanie elizabeth victoria natasha natalia anastasia ekaterina svetlana
tatiana olga marina irina elena sergey sergei dmitry dmitri vladimir nikita maxim maksim andrey andrei alexey aleksey artem denis ivan oleg roman pavel
anna maria martin martina sabrina sandra claudia stefan stefanie sebastian florian tobias julian lukas jonas felix hannah laura sarah lisa julia
carlos alejandro alejandra fernando gabriel gabriela francisco ricardo eduardo antonio jose miguel rafael santiago camila valentina carolina isabella sofia
maggie buster bailey rocky max bella daisy lucy molly sophie jasper oliver oscar tigger snoopy garfield scooby mickey minnie donald bubbles peaches pumpkin
snowball fluffy precious buddy boomer bandit cooper tucker merlin hannibal
london paris berlin moscow moskva madridista newyork california texas florida chicago boston dallas america canada australia england ireland scotland france
germany deutschland italia brasil brazil argentina colombia mexico espana portugal polska russia rossiya ukraine
password mypass test tests testing testtest tester demo example sample school student teacher university college company office business security
private public family mother father mommy daddy sister brother friend friends friendship bestfriend girlfriend boyfriend husband wife children
samsungs blahblah blah foobar foo bar xxxxxxxx zzz nopassword none null undefined unknown nobody mustang access shadow michaeljackson drowssap
пароль парольпароль йцукен йцукенг йцу фыва фывапр ячсмит привет приветик любовь люблю солнышко солнце наташа александр сергей андрей дмитрий максим марина
екатерина анастасия светлана спартак зенит футбол россия москва мама папа админ секрет вход учитель ученик здравствуй тест
gfhjkm ghbdtn cgfhnfr fylhtq cthutq yfnfif vfrcbv cdtnf vfvf gfgf k.,jdm k.,k. yfcnz vjcrdf hjccbz atitkm jkmuf fynjy rjyjgkz ktyf vfhbyf lbvf cfif
privet lubov lyubov solnyshko nastya parol prodvor yard dvor
`;

const LOOKS_LIKE: Readonly<Record<string, string>> = {
  '@': 'a',
  $: 's',
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '!': 'i',
  l: 'i',
};
const letters = (text: string): string => text.replace(/[@$013457!l]/g, (sign) => LOOKS_LIKE[sign] ?? sign);
const COMMON = new Set(WORDS.trim().split(/\s+/).map(letters));
/**
 * A password with fewer bits counts as common. It has about three chosen letters or less: it is a repetition, a row of
 * keys, or a known word with little else.
 */
const CHOSEN_BITS = 8;

/** Whether attackers guess this password among the first. */
export function isCommonPassword(password: string): boolean {
  const text = password.normalize('NFKC').toLowerCase();
  if (/^\d{1,11}$/.test(text)) return true; // It may be a date or a telephone number.
  if (estimateBits(text) < CHOSEN_BITS) return true;
  const word = text.replace(/^[\d\p{P}\p{S}\s]+|[\d\p{P}\p{S}\s]+$/gu, '');
  return [
    text,
    word,
    word.replace(/^(.+?)\1+$/u, '$1'),
    text.replace(/[\d!]+$/, ''),
    word.replace(/[\s._-]+/g, ''),
  ].some((each) => COMMON.has(letters(each)));
}
