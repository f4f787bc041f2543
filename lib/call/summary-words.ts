/** Words of both languages that say nothing about the topic of a sales call. */
const stopWords: ReadonlySet<string> = new Set(
  `ahora lunes martes miércoles jueves viernes sábado domingo enero febrero marzo abril mayo junio julio agosto septiembre
octubre noviembre diciembre primera problema problemas buen algo tres buenos encantada alguien algún alguna algunas alguno algunos allí antes aquí aquel aquella aunque bien bueno buena
buenos buenas cada casi como cómo cosa cosas creo cual cuál cuando cuándo cuanto cuánto cuatro dar darle debe
decir decirle deja después dice dicho digo donde dónde ella ellas ellos entonces entre eran eres esas esos esta
está están estaba estamos estar estas este esto estos estoy estuvo exacto fuera gente gracias hablar hace hacer
haciendo hasta hay haya hola hombre igual incluso luego manera mejor menos mire mira mismo misma momento mucha
muchas mucho muchos muy nada nadie ningún ninguna nosotros nuestra nuestro nuestros nuestras nunca otra otras otro
otros para parece pero perdón perfecto persona pues poco poder podemos podría porque porqué primero puede pueden
puedo pueda quería quiere quiero quien quién quizá quizás realmente sabe sabes sea señor señora según seguro ser
sería siempre sido siendo sigue sino sobre solo sólo somos sois soy suele también tampoco tan tanto tenemos tener
tengo tenía tiene tienen tienes toda todas todo todos todavía trabajo usted ustedes vale vamos veces veo verdad
vez visto vosotros claro desde dentro días tardes hacia además mañana hoy semana semanas meses minutos horas hora cinco seis siete ocho nueve diez once doce veinte treinta media
llevan llevamos hablamos mando llama llamo llamaba encantado
about after again also always another anyone anything around because been before being better both bring call
calling came come could course does doing done don't down each either even ever every everything exactly fact feel
fine first from getting give going gone good great guess have haven't having hear hello here honest honestly
i'll i've into isn't it's just keep kind know last less let's like little long look lots made make makes many
maybe mean might minute more morning most much need never nice nothing okay once only other over perfect please
point pretty probably quite rather really right said same seem seems should since some someone something soon
sorry still such sure take talk tell than thank thanks that that's their them then there there's these they
they're thing things think this those though through time today tomorrow told took under until very want wants
week well went were what what's when where which while will with without won't work would yeah year years yes
yesterday monday tuesday wednesday thursday friday saturday sunday january
february march april june july august september october november december problem problems shall else happy glad three four five seven eight nine eleven twelve twenty thirty half month months weeks hours hour you'd you'll you're you've your yours we'll we're we've afternoon`
    .split(/\s+/u)
    .filter((word) => word !== ""),
);

const introduction =
  /(?:^|[^\p{L}])(?:(?:hola|gracias|buenos días|buenas tardes|hi|hello|thanks|thank you|good morning|good afternoon),? (\p{L}+)|(?:soy|me llamo|habla|this is|it's|i'm|i am|my name is) (\p{L}+))/giu;

/** Names by which the two greet, thank and introduce each other, in lower case: they are no topics. */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(introduction)].flatMap(([, greeted, introduced = ""]) => {
    const name = greeted ?? (/^\p{Lu}/u.test(introduced) ? introduced : null);
    return name === null ? [] : [name.toLowerCase()];
  });
}

export function isStopWord(word: string): boolean {
  return stopWords.has(word);
}
