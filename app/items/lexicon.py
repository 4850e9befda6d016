"""What furniture is called in bokmål, nynorsk, Swedish and English, and words that mean the same.

Read by ``things.py`` alone. Endings, doubled letters and accents are left out when words are
compared, so each stands here once: "hylle" is also "hyllene", "hylla" and "hyllor".
"""

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "CHAIR_TASK": "kontorstol, arbeidsstol, skrivebordsstol, dreiestol, svingstol, kontorsstol,"
    " arbetsstol, skrivbordsstol, pultstol, pc-stol, datastol, task chair, office chair,"
    " desk chair, swivel chair, work chair, computer chair, snurrestol",
    "CHAIR_TASK_247": "kontrollromsstol, vaktstol, operatørstol, 24-timersstol, døgnstol, vaktromsstol,"
    " kontrollrumsstol, control room chair, 24h chair; kontorstol, arbeidsstol, task chair,"
    " office chair",
    "CHAIR_VISITOR": "besøksstol, gjestestol, konferansestol, besöksstol, visitor chair, guest chair,"
    " side chair, venteromsstol, väntrumsstol",
    "CHAIR_MEETING": "møteromsstol, møtestol, konferansestol, konferensstol, mötesstol, meeting chair,"
    " conference chair, boardroom chair, swivel chair, snurrestol, svivelstol",
    "CHAIR_STACK": "stablestol, stabelstol, kantinestol, stapelstol, stapelbar stol, stacking chair,"
    " stackable chair, canteen chair",
    "CHAIR_WOOD": "trestol, pinnestol, spisestol, spisestuestol, trästol, pinnstol, matstol,"
    " kjøkkenstol, kjøkenstol, köksstol, wooden chair, wood chair, dining chair, kitchen chair",
    "CHAIR_CARE": "institusjonsstol, sykehjemsstol, omsorgsstol, stol med armlener,"
    " vårdstol, stol med armstöd, karmstol, care chair, care home chair, chair with arms; armlenestol",
    "STOOL_BAR": "barkrakk, barstol, høy krakk, høykrakk, barpall, bar stool, high stool; stol",
    "STOOL_LOW": "krakk, taburett, skammel, pall, stool, footstool",
    "STOOL_SADDLE": "sadelkrakk, arbeidskrakk, salkrakk, behandlerkrakk, sadelstol, sadelpall,"
    " arbetspall, saddle stool, work stool, saddle chair; stol, chair",
    "POUF": "puff, sittepuff, sitjepuff, sittpuff, pouf, ottoman, sakkosekk, saccosekk, bean bag",
    "ARMCHAIR": "lenestol, loungestol, hvilestol, kvilestol, ørelappstol, godstol, fåtölj, vilstol,"
    " länstol, armchair, arm chair, lounge chair, easy chair, chair",
    "SOFA_2": "sofa, toseter, 2-seter sofa, sofa 2-seter, toseters sofa, toseter sofa, tosetar, soffa,"
    " 2-sits soffa, tvåsitssoffa, couch, settee, loveseat, two seater, 2 seater sofa",
    "SOFA_3": "sofa, treseter, 3-seter sofa, sofa 3-seter, treseters sofa, treseter sofa, tresetar,"
    " soffa, 3-sits soffa, tresitssoffa, couch, settee, three seater, 3 seater sofa",
    "SOFA_HIGHBACK": "lydsofa, høyrygget sofa, høgrygga sofa, sofa med høy rygg, akustikksofa,"
    " ljudsoffa, högryggad soffa, acoustic sofa, high back sofa, couch",
    "WAIT_BENCH3": "ventebenk, venteromsbenk, venterom benk, väntrumsbänk,"
    " waiting bench, waiting room bench, beam seating, waiting room seating; väntrumssoffa,"
    " venteromssofa",
    "RECLINER_PATIENT": "hvilestol, kvilestol, pasientstol, dialysestol, vilstol, patientstol, recliner,"
    " patient chair, recliner chair, treatment chair",
    "CHAIR_SCHOOL": "elevstol, skolestol, skulestol, skolstol, klasseromsstol, pupil chair,"
    " school chair, student chair, classroom chair",
    "CHAIR_CHILD": "barnehagestol, barnestol, barnstol, førskolestol, kindergarten chair,"
    " child chair, children's chair",
    "DESK_FIXED": "skrivebord, pult, kontorpult, arbeidspult, skrivepult, kontorbord, arbeidsbord,"
    " databord, pc-bord, arbeidsplass, skrivbord, arbetsbord, datorbord, arbetsplats, desk,"
    " office desk, writing desk, workstation, work desk, computer desk; bord",
    "DESK_SITSTAND": "hevsenk skrivebord, hevsenk pult, hevsenk bord, hevsenk kontorpult, hev og"
    " senkbord, heve senkebord, heve senkepult, hevbart bord, skrivebord, pult, kontorpult,"
    " arbeidspult, skrivepult, kontorbord, arbeidsbord, databord, pc-bord, arbeidsplass, ståpult,"
    " ståskrivebord, stående skrivebord, stående arbeidsbord, ståande arbeidsbord, ståande pult,"
    " elbord, elektrisk bord, elektrisk skrivebord, skrivbord, arbetsbord, datorbord, arbetsplats,"
    " ståskrivbord, höj och sänkbart skrivbord, höjsänkbart skrivbord, elskrivbord, desk,"
    " office desk, standing desk, sit stand desk, sit to stand desk, stand up desk, workstation,"
    " work desk, computer desk, height adjustable desk, adjustable desk, electric desk; bord",
    "TABLE_MEETING_S": "møtebord, møteromsbord, konferansebord, møterombord, konferensbord, mötesbord,"
    " sammanträdesbord, meeting table, conference table",
    "TABLE_MEETING_L": "møtebord, møteromsbord, konferansebord, styrebord, styreromsbord,"
    " konferensbord, mötesbord, sammanträdesbord, styrelsebord, meeting table, conference table,"
    " boardroom table",
    "TABLE_CANTEEN": "kantinebord, spisebord, matbord, spisestuebord, kantinbord, matsalsbord,"
    " lunchbord, lunsjbord, langbord, långbord, kjøkkenbord, kjøkenbord, köksbord, dining table,"
    " canteen table, lunch table, cafeteria table, kitchen table, long table",
    "TABLE_CAFE": "kafébord, cafébord, sidebord, sidobord, pidestallbord, cafe table, bistro table,"
    " side table",
    "TABLE_COFFEE": "salongbord, loungebord, sofabord, kaffebord, stuebord, lavt bord, soffbord,"
    " loungebord, coffee table, lounge table, sofa table",
    "TABLE_HIGH": "ståbord, barbord, høyt bord, høgt bord, høybord, högbord, mingelbord, high table,"
    " bar table, standing table, poseur table",
    "TABLE_FOLD": "klappbord, vippebord, sammenleggbart bord, foldebord, klaffebord, fällbord,"
    " hopfällbart bord, folding table, flip top table, fold up table",
    "TABLE_SCHOOL": "elevpult, elevbord, skolepult, skulepult, skolebord, klasseromspult, skolbänk,"
    " skolbord, pupil desk, school desk, student desk, classroom desk; bänk",
    "DESK_TEACHER": "kateter, lærerpult, lærarpult, lærerbord, kateder, lärarbord, teacher desk,"
    " teacher's desk, lectern",
    "DESK_RECEPTION": "resepsjonsskranke, skranke, resepsjonsdisk, ekspedisjonsdisk, disk,"
    " receptionsdisk, reception desk, reception counter, counter, front desk",
    "WORKBENCH": "arbeidsbenk, arbeidsbord, pakkebord, verkstedbord, verkstadbord, verkstedbenk,"
    " høvelbenk, arbetsbänk, packbord, verkstadsbänk, workbench, work bench, packing table; bord, table",
    "TABLE_CHANGING": "stellebord, stelleplass, skötbord, changing table, baby changing table,"
    " nappy table, hevsenk bord",
    "PEDESTAL": "skuffeseksjon, kassett, skuffekassett, rullekassett, rullehurts, skuffseksjon, hurts,"
    " lådhurts, pedestal, drawer unit, mobile pedestal, desk drawer",
    "CABINET_LOW": "lavt skap, lågt skap, lavskap, skjenk, sideskap, sideboard, lågskåp, lågt skåp,"
    " skänk, low cabinet, credenza, skap, skåp, cabinet, cupboard",
    "CABINET_TALL": "høyskap, høyt skap, høgt skap, høgskap, oppbevaringsskap, permskap, kontorskap,"
    " högskåp, högt skåp, förvaringsskåp, pärmskåp, tall cabinet, storage cabinet, cupboard,"
    " skap, skåp, cabinet; arkivskap",
    "CABINET_TAMBOUR": "sjalusiskap, rulledørskap, sjalusi, rullskap, jalusiskåp, tambour cabinet,"
    " roller door cabinet, roll front cabinet",
    "CABINET_STEEL": "stålskap, verktøyskap, metallskap, blikkskap, plåtskåp, verktygsskåp, metallskåp,"
    " steel cabinet, metal cabinet, tool cabinet",
    "FILING_CABINET": "arkivskap, hengemappeskap, mappeskap, arkivskuffer, arkivskåp, hängmappsskåp,"
    " dokumentskåp, dokumentskap, filing cabinet, file cabinet, filing drawer",
    "LOCKER_1": "garderobeskap, personalskap, elevskap, skolskåp, klädskåp, omklädningsskåp,"
    " garderobsskåp, omkledningsskap, locker; klesskap, skap",
    "LOCKER_Z": "garderobeskap, z-skap, personalskap, z-skåp, klädskåp, omklädningsskåp,"
    " garderobsskåp, omkledningsskap, locker, z locker; klesskap, skap",
    "SHELF_STEEL": "stålreol, lagerreol, lagerhylle, stålhylle, metallhylle, pallreol, arkivreol,"
    " stålhylla, lagerhylla, lagerställ, steel shelf, steel shelving, storage shelf, shelves,"
    " shelving",
    "BOOKCASE": "bokhylle, reol, bokreol, permhylle, permreol, hylle, bokhylla, pärmhylla, bookcase,"
    " bookshelf, bookshelves, shelves, shelving unit, shelf",
    "SHELF_LIBRARY": "bibliotekreol, bibliotekhylle, bibliotekshylle, tidsskrifthylle,"
    " bibliotekshylla, tidskriftshylla, library shelf, library shelving, shelves",
    "WARDROBE": "klesskap, garderobe, klærskap, kleskap, garderob, klädskåp, garderobsskåp, wardrobe,"
    " closet, clothes cabinet, cupboard; skap, skåp, cabinet",
    "CHEST_DRAWERS": "kommode, skuffemøbel, dragkiste, byrå, chest of drawers, dresser, drawers",
    "COAT_STAND": "stumtjener, garderobestativ, klesstativ, klesstang, kleshenger, kleshengar,"
    " knaggstativ, knaggrekke, klädhängare, klädställning, coat stand, coat rack, coat rail,"
    " hat stand, clothes rack",
    "SHOE_BENCH": "garderobebenk, omkledningsbenk, skobenk, omklädningsbänk, skobänk,"
    " changing room bench, locker room bench, shoe bench",
    "BED_HOSPITAL": "sykehusseng, sykeseng, sjukehusseng, sjukeseng, pasientseng, sengepostseng,"
    " sjukhussäng, sjuksäng, patientsäng, hospital bed, patient bed",
    "BED_CARE": "pleieseng, sykehjemsseng, omsorgsseng, sykeseng, sjukeseng, vårdsäng, sjuksäng,"
    " care bed, nursing bed",
    "BED_SINGLE": "enkeltseng, enkelseng, overnattingsseng, vaktromsseng, hybelseng, enkelsäng,"
    " single bed",
    "MATTRESS": "madrass, skummadrass, mattress, foam mattress, sengemadrass",
    "NIGHTSTAND_CARE": "nattbord, pasientnattbord, nattbord med hjul, nattbord på hjul, sängbord,"
    " sängskåp, bedside cabinet, bedside table, bedside locker, nightstand; skap, skåp, cabinet,"
    " locker",
    "NIGHTSTAND": "nattbord, sengeskap, nattduksbord, nattygsbord, bedside table, nightstand,"
    " night table; skap",
    "OVERBED_TABLE": "sengebord, pasientbord, spisebord til seng, serveringsbord til seng,"
    " patientbord, over bed table, overbed table, bed table",
    "TROLLEY_MED": "medisintralle, instrumentbord, akuttralle, akuttvogn, medisinvogn, prosedyretralle,"
    " medicinvagn, akutvagn, instrumentvagn, medical trolley, medicine trolley, medical cart,"
    " crash cart, instrument table; bord, table",
    "TROLLEY_SERVING": "serveringstralle, serveringsvogn, trillebord, rullebord, mattralle,"
    " matvogn, rullbord, serveringsvagn, serving trolley, serving cart, food trolley, tea trolley; bord",
    "EXAM_COUCH": "undersøkelsesbenk, undersøkelsebenk, undersøkingsbenk, behandlingsbenk, legebenk,"
    " undersökningsbrits, brits, behandlingsbrits, examination couch, exam table,"
    " examination table, treatment table; table, couch",
    "IV_STAND": "infusjonsstativ, dryppstativ, iv-stativ, droppställning, droppstativ,"
    " infusion stand, iv stand, drip stand, iv pole",
    "SCREEN_DESK": "bordskjerm, pultskjerm, skjermvegg, bordskillevegg, bordsskärm, skärmvägg,"
    " desk screen, desk divider, desk partition",
    "SCREEN_FLOOR": "skillevegg, gulvskjerm, golvskjerm, skjermvegg, romdeler, romdelar, skiljevegg,"
    " lettvegg, golvskärm, skärmvägg, rumsavdelare, skiljevägg, floor screen, partition,"
    " room divider, screen wall",
    "ACOUSTIC_PANEL": "akustikkpanel, lydpanel, lydplate, lyddemper, veggpanel, akustikplate,"
    " akustikpanel, ljudabsorbent, ljudpanel, acoustic panel, sound panel",
    "PHONE_BOOTH": "telefonboks, stillerom, lydboks, telefonkiosk, møteboks, stilleboks, telefonbås,"
    " tyst rum, phone booth, phone box, quiet booth, office pod",
    "GLASS_PARTITION_M2": "glassvegg, systemvegg, glassfelt, glasparti, glasvägg, glass partition,"
    " glass wall, glazed partition",
    "WHITEBOARD": "whiteboard, whiteboardtavle, magnettavle, skrivetavle, kvittavle, hvit tavle,"
    " whiteboardtavla, skrivtavla, white board, tavle, tavla",
    "GLASSBOARD": "glasstavle, glastavla, glass board, glassboard, glass writing board, skrivetavle",
    "NOTICEBOARD": "oppslagstavle, korktavle, filttavle, oppslagstavla, anslagstavla, korktavla,"
    " notice board, noticeboard, bulletin board, pin board, cork board",
    "LAMP_DESK": "bordlampe, arbeidslampe, skrivebordslampe, leselampe, pultlampe, kontorlampe,"
    " skrivbordslampa, bordslampa, arbetslampa, läslampa, desk lamp, table lamp, task lamp,"
    " reading lamp; light",
    "LAMP_FLOOR": "gulvlampe, golvlampe, stålampe, golvlampa, floor lamp, standing lamp; light",
    "LAMP_PENDANT": "taklampe, takarmatur, pendel, pendellampe, armatur, taklampa, pendellampa,"
    " pendant lamp, ceiling lamp, ceiling light, pendant, luminaire, lamp; light",
    "CARPET_TILE_M2": "teppeflis, gulvteppe, golvteppe, teppe, textilplatta, matta, heltäckningsmatta,"
    " carpet tile, carpet, rug",
    "KITCHEN_UNIT": "kjøkkenmodul, kjøkkenskap, kjøkkenunderskap, underskap, kjøkkeninnredning,"
    " köksmodul, köksskåp, underskåp, kitchen unit, kitchen cabinet, base unit",
    "PLANTER": "plantekasse, blomsterkasse, blomsterpotte, blomkrukke, plantekrukke, potte,"
    " planteringskärl, blomkruka, blomlåda, kruka, planter, plant pot, flower pot, flower box",
    "WASTE_STATION": "kildesortering, kjeldesortering, kildesorteringsstasjon, avfallsstasjon,"
    " avfallssortering, søppelsortering, søppeldunk, søppelbøtte, søppelkasse, avfallsdunk,"
    " bosspann, papirkurv, källsortering, källsorteringsstation, soptunna, papperskorg,"
    " waste sorting station, recycling station, recycling bin, waste bin, trash can, rubbish bin",
    "MONITOR_ARM": "skjermarm, skjermfeste, monitorarm, pc-skjermarm, skärmarm, bildskärmsarm,"
    " monitor arm, screen arm, monitor mount",
    "BENCH_OUTDOOR": "utebenk, parkbenk, hagebenk, parkbänk, utebänk, trädgårdsbänk, outdoor bench,"
    " park bench, garden bench",
    "PICNIC_TABLE": "piknikbord, hagebord, utebord, rasteplassbord, picknickbord,"
    " utebord, trädgårdsbord, picnic table, outdoor table, garden table",
}  # fmt: skip
"""What each category's pieces are called. From ``;`` on: also that, but only after the others."""

GROUPS: Mapping[str, str] = {
    "chairs": "CHAIR_TASK CHAIR_TASK_247 CHAIR_VISITOR CHAIR_MEETING CHAIR_STACK CHAIR_WOOD CHAIR_CARE"
    " CHAIR_SCHOOL CHAIR_CHILD ARMCHAIR RECLINER_PATIENT",
    "tables": "TABLE_MEETING_S TABLE_MEETING_L TABLE_CANTEEN TABLE_CAFE TABLE_COFFEE TABLE_HIGH"
    " TABLE_FOLD TABLE_CHANGING PICNIC_TABLE OVERBED_TABLE",
    "desks": "DESK_FIXED DESK_SITSTAND TABLE_SCHOOL DESK_TEACHER",
    "cabinets": "CABINET_LOW CABINET_TALL CABINET_TAMBOUR CABINET_STEEL FILING_CABINET",
}
"""Categories that are mostly asked for together: pieces have one word for them all."""

ALIKE: tuple[str, ...] = (
    # Colours.
    "hvit, hvitt, kvit, kvitt, vit, vita, white: hvit* kvit* vit vitt white",
    "svart, sort, svarte, black: svart* sort black",
    "grå, grått, gråe, grey, gray, gråa: grå* grey gray",
    "blå, blått, blåe, blue, blåa: blå* blue",
    "rød, rødt, raud, raudt, röd, rött, red: rød* raud* røtt red",
    "grønn, grønt, grøn, gröna, green: grønn* grønt grøn green",
    "gul, gult, yellow: gul gult gule gula yellow",
    "brun, brunt, brown: brun* brown",
    "oransje, orange: oransje orange",
    "lilla, fiolett, purple: lilla fiolett purple",
    "rosa, pink: rosa pink",
    "turkis, turquoise: turkis* turquoise",
    # Materials.
    "eik, ek, oak: eik* ek oak",
    "bøk, beech: bøk bøke beech",
    "bjørk, björk, birch, bjerk: bjørk* birch",
    "furu, fura, pine: furu* fura pine",
    "valnøtt, valnöt, walnut: valnøtt* valnøt walnut",
    "stål, steel: stål* steel",
    "metall, metal: metall* metal stål* steel",
    "skinn, lær, läder, leather: skinn* kunstskinn lær læder leather",
    "stoff, tekstil, tyg, fabric, textile: stoff* tekstil* textil* tyg fabric",
    "ull, ylle, wool: ull ylle wool",
    "plast, plastic: plast*",
    "glass, glas: glass* glas",
    "kork, cork: kork* cork",
    "heltre, massivtre, tre, trä, wood, wooden, solid wood: heltre massivtre tre træ wood wooden",
    # What it can do.
    (
        "hevsenk, hev senk, heve senke, heve og senke, høydejusterbar, høgdejusterbar, høyderegulerbar,"
        " hev og senk, hev og senkbar, hevbar, høydestillbar, höj sänk, höj sänkbar, höj och sänkbar,"
        " höjsänkbar, justerbar høyde, justerbar høgde, ställbar höjd, sit stand, height adjustable,"
        " adjustable height: DESK_SITSTAND TABLE_CHANGING hev*+senk* hevsenk* høydejusterbar*"
        " høgdejusterbar*"
    ),
    "elektrisk, electric, el, motor: elektrisk* el electric motor*",
    "hjul, wheels, castors, trinser: hjul* wheel* castor*",
)
"""Words that are asked for: how they stand in the texts of pieces.

``*`` is any ending, ``+`` both, capitals a category.
"""

OTHERS: tuple[str, ...] = (
    "rullestol, rullstol, wheelchair: rullestol*",
    "gåstol, rullator, walker, rollator: gåstol* rullator*",
    "personløfter, pasientløfter, personlyft, patient lift, hoist: personløfter* lift*",
    "tralle, vogn, vagn, trolley, cart: tralle* vogn*",
    "projektor, prosjektor, projector: projektor* prosjektor*",
    "tv, tv-skjerm, tv-skärm, monitor: tv skjerm*",
    "kjøleskap, kylskåp, fridge, refrigerator: kjøleskap*",
    "oppvaskmaskin, diskmaskin, dishwasher: oppvaskmaskin*",
    "kaffemaskin, kaffetrakter, kaffebryggare, coffee machine: kaffemaskin* kaffetrakter*",
    "makuleringsmaskin, makulator, dokumentförstörare, shredder: makuler*",
    "gardin, persienne, curtain, blind, rullgardin: gardin* persienne*",
)
"""Things whose category holds other things too: found by their own names first."""

_LITTLE = (
    "og och and i in med with m til till to for på on av of fra frå från from en ei et ett the a an"
    " som stk st pcs ca"
)
LITTLE = frozenset(_LITTLE.split())
"""Words of a question that say nothing of a piece."""

_UNLIKE = "for fra frå i m med of over på til till under u utan uten ved with without"
UNLIKE = frozenset(_UNLIKE.split())
"""What follows one of these in a name is not what the piece is."""

_SIDES = (
    "bred bredt brede bredde brei breitt breidde bredd brett wide width dyp dypt dybde djup djupt"
    " djupne deep depth lang langt lengde lengd længd long length høyde høgde høgd høyd height"
)
SIDES = frozenset(_SIDES.split())
"""Which side a number is of: beside one it is left out, all sides are looked at."""
