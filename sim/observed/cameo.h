/* The event texts of CAMEO (Gerner, Schrodt and Yilmaz 2009), as ICEWS writes them, and their codes.
 *
 * Files that have event texts but no codes, such as ICEWS of 2017, are read by them. The twenty categories
 * of two digits are not listed: the code of an event is below them. */
#ifndef ENTENTE_OBSERVED_CAMEO_H
#define ENTENTE_OBSERVED_CAMEO_H

/* X(code, text) */
#define CAMEO_LIST(X)                                                                       \
    X("010", "Make statement")                                                              \
    X("011", "Decline comment")                                                             \
    X("012", "Make pessimistic comment")                                                    \
    X("013", "Make optimistic comment")                                                     \
    X("014", "Consider policy option")                                                      \
    X("015", "Acknowledge or claim responsibility")                                         \
    X("016", "Deny responsibility")                                                         \
    X("017", "Engage in symbolic act")                                                      \
    X("018", "Make empathetic comment")                                                     \
    X("019", "Express accord")                                                              \
    X("020", "Make an appeal or request")                                                   \
    X("021", "Appeal for material cooperation")                                             \
    X("0211", "Appeal for economic cooperation")                                            \
    X("0212", "Appeal for military cooperation")                                            \
    X("0213", "Appeal for judicial cooperation")                                            \
    X("0214", "Appeal for intelligence")                                                    \
    X("022", "Appeal for diplomatic cooperation (such as policy support)")                  \
    X("023", "Appeal for aid")                                                              \
    X("0231", "Appeal for economic aid")                                                    \
    X("0232", "Appeal for military aid")                                                    \
    X("0233", "Appeal for humanitarian aid")                                                \
    X("0234", "Appeal for military protection or peacekeeping")                             \
    X("024", "Appeal for political reform")                                                 \
    X("0241", "Appeal for change in leadership")                                            \
    X("0242", "Appeal for policy change")                                                   \
    X("0243", "Appeal for rights")                                                          \
    X("0244", "Appeal for change in institutions, regime")                                  \
    X("025", "Appeal to yield")                                                             \
    X("0251", "Appeal for easing of administrative sanctions")                              \
    X("0252", "Appeal for easing of political dissent")                                     \
    X("0253", "Appeal for release of persons or property")                                  \
    X("0254", "Appeal for easing of economic sanctions, boycott, or embargo")               \
    X("0255", "Appeal for target to allow international involvement (non-mediation)")       \
    X("0256", "Appeal for de-escalation of military engagement")                            \
    X("026", "Appeal to others to meet or negotiate")                                       \
    X("027", "Appeal to others to settle dispute")                                          \
    X("028", "Appeal to engage in or accept mediation")                                     \
    X("030", "Express intent to cooperate")                                                 \
    X("031", "Express intent to engage in material cooperation")                            \
    X("0311", "Express intent to cooperate economically")                                   \
    X("0312", "Express intent to cooperate militarily")                                     \
    X("0313", "Express intent to cooperate on judicial matters")                            \
    X("0314", "Express intent to cooperate on intelligence")                                \
    X("032", "Express intent to engage in diplomatic cooperation (such as policy support)") \
    X("033", "Express intent to provide material aid")                                      \
    X("0331", "Express intent to provide economic aid")                                     \
    X("0332", "Express intent to provide military aid")                                     \
    X("0333", "Express intent to provide humanitarian aid")                                 \
    X("0334", "Express intent to provide military protection or peacekeeping")              \
    X("034", "Express intent to institute political reform")                                \
    X("0341", "Express intent to change leadership")                                        \
    X("0342", "Express intent to change policy")                                            \
    X("0343", "Express intent to provide rights")                                           \
    X("0344", "Express intent to change institutions, regime")                              \
    X("035", "Express intent to yield")                                                     \
    X("0351", "Express intent to ease administrative sanctions")                            \
    X("0352", "Express intent to ease popular dissent")                                     \
    X("0353", "Express intent to release persons or property")                              \
    X("0354", "Express intent to ease economic sanctions, boycott, or embargo")             \
    X("0355", "Express intent to allow international involvement (non-mediation)")          \
    X("0356", "Express intent to de-escalate military engagement")                          \
    X("036", "Express intent to meet or negotiate")                                         \
    X("037", "Express intent to settle dispute")                                            \
    X("038", "Express intent to accept mediation")                                          \
    X("039", "Express intent to mediate")                                                   \
    X("040", "Consult")                                                                     \
    X("041", "Discuss by telephone")                                                        \
    X("042", "Make a visit")                                                                \
    X("043", "Host a visit")                                                                \
    X("044", "Meet at a 'third' location")                                                  \
    X("045", "Mediate")                                                                     \
    X("046", "Engage in negotiation")                                                       \
    X("050", "Engage in diplomatic cooperation")                                            \
    X("051", "Praise or endorse")                                                           \
    X("052", "Defend verbally")                                                             \
    X("053", "Rally support on behalf of")                                                  \
    X("054", "Grant diplomatic recognition")                                                \
    X("055", "Apologize")                                                                   \
    X("056", "Forgive")                                                                     \
    X("057", "Sign formal agreement")                                                       \
    X("060", "Engage in material cooperation")                                              \
    X("061", "Cooperate economically")                                                      \
    X("062", "Cooperate militarily")                                                        \
    X("063", "Engage in judicial cooperation")                                              \
    X("064", "Share intelligence or information")                                           \
    X("070", "Provide aid")                                                                 \
    X("071", "Provide economic aid")                                                        \
    X("072", "Provide military aid")                                                        \
    X("073", "Provide humanitarian aid")                                                    \
    X("074", "Provide military protection or peacekeeping")                                 \
    X("075", "Grant asylum")                                                                \
    X("080", "Yield")                                                                       \
    X("081", "Ease administrative sanctions")                                               \
    X("0811", "Ease restrictions on political freedoms")                                    \
    X("0812", "Ease ban on political parties or politicians")                               \
    X("0813", "Ease curfew")                                                                \
    X("0814", "Ease state of emergency or martial law")                                     \
    X("082", "Ease political dissent")                                                      \
    X("083", "Accede to requests or demands for political reform")                          \
    X("0831", "Accede to demands for change in leadership")                                 \
    X("0832", "Accede to demands for change in policy")                                     \
    X("0833", "Accede to demands for rights")                                               \
    X("0834", "Accede to demands for change in institutions, regime")                       \
    X("084", "Return, release")                                                             \
    X("0841", "Return, release person(s)")                                                  \
    X("0842", "Return, release property")                                                   \
    X("085", "Ease economic sanctions, boycott, embargo")                                   \
    X("086", "Allow international involvement")                                             \
    X("0861", "Receive deployment of peacekeepers")                                         \
    X("0862", "Receive inspectors")                                                         \
    X("0863", "Allow humanitarian access")                                                  \
    X("087", "De-escalate military engagement")                                             \
    X("0871", "Declare truce, ceasefire")                                                   \
    X("0872", "Ease military blockade")                                                     \
    X("0873", "Demobilize armed forces")                                                    \
    X("0874", "Retreat or surrender militarily")                                            \
    X("090", "Investigate")                                                                 \
    X("091", "Investigate crime, corruption")                                               \
    X("092", "Investigate human rights abuses")                                             \
    X("093", "Investigate military action")                                                 \
    X("094", "Investigate war crimes")                                                      \
    X("100", "Demand")                                                                      \
    X("101", "Demand material cooperation")                                                 \
    X("1011", "Demand economic cooperation")                                                \
    X("1012", "Demand military cooperation")                                                \
    X("1013", "Demand judicial cooperation")                                                \
    X("1014", "Demand intelligence cooperation")                                            \
    X("102", "Demand diplomatic cooperation (such as policy support)")                      \
    X("103", "Demand material aid")                                                         \
    X("1031", "Demand economic aid")                                                        \
    X("1032", "Demand military aid")                                                        \
    X("1033", "Demand humanitarian aid")                                                    \
    X("1034", "Demand military protection or peacekeeping")                                 \
    X("104", "Demand political reform")                                                     \
    X("1041", "Demand change in leadership")                                                \
    X("1042", "Demand policy change")                                                       \
    X("1043", "Demand rights")                                                              \
    X("1044", "Demand change in institutions, regime")                                      \
    X("105", "Demand that target yields")                                                   \
    X("1051", "Demand easing of administrative sanctions")                                  \
    X("1052", "Demand easing of political dissent")                                         \
    X("1053", "Demand release of persons or property")                                      \
    X("1054", "Demand easing of economic sanctions, boycott, or embargo")                   \
    X("1055", "Demand that target allows international involvement (non-mediation)")        \
    X("1056", "Demand de-escalation of military engagement")                                \
    X("106", "Demand meeting, negotiation")                                                 \
    X("107", "Demand settling of dispute")                                                  \
    X("108", "Demand mediation")                                                            \
    X("110", "Disapprove")                                                                  \
    X("111", "Criticize or denounce")                                                       \
    X("112", "Accuse")                                                                      \
    X("1121", "Accuse of crime, corruption")                                                \
    X("1122", "Accuse of human rights abuses")                                              \
    X("1123", "Accuse of aggression")                                                       \
    X("1124", "Accuse of war crimes")                                                       \
    X("1125", "Accuse of espionage, treason")                                               \
    X("113", "Rally opposition against")                                                    \
    X("114", "Complain officially")                                                         \
    X("115", "Bring lawsuit against")                                                       \
    X("116", "find guilty or liable (legally)")                                             \
    X("120", "Reject")                                                                      \
    X("121", "Reject material cooperation")                                                 \
    X("1211", "Reject economic cooperation")                                                \
    X("1212", "Reject military cooperation")                                                \
    X("1213", "Reject judicial cooperation")                                                \
    X("122", "Reject request or demand for material aid")                                   \
    X("1221", "Reject request for economic aid")                                            \
    X("1222", "Reject request for military aid")                                            \
    X("1223", "Reject request for humanitarian aid")                                        \
    X("1224", "Reject request for military protection or peacekeeping")                     \
    X("123", "Reject request or demand for political reform")                               \
    X("1231", "Reject request for change in leadership")                                    \
    X("1232", "Reject request for policy change")                                           \
    X("1233", "Reject request for rights")                                                  \
    X("1234", "Reject request for change in institutions, regime")                          \
    X("124", "Refuse to yield")                                                             \
    X("1241", "Refuse to ease administrative sanctions")                                    \
    X("1242", "Refuse to ease popular dissent")                                             \
    X("1243", "Refuse to release persons or property")                                      \
    X("1244", "Refuse to ease economic sanctions, boycott, or embargo")                     \
    X("1245", "Refuse to allow international involvement (non mediation)")                  \
    X("1246", "Refuse to de-escalate military engagement")                                  \
    X("125", "Reject proposal to meet, discuss, or negotiate")                              \
    X("126", "Reject mediation")                                                            \
    X("127", "Reject plan, agreement to settle dispute")                                    \
    X("128", "Defy norms, law")                                                             \
    X("129", "Veto")                                                                        \
    X("130", "Threaten")                                                                    \
    X("131", "Threaten non-force")                                                          \
    X("1311", "Threaten to reduce or stop aid")                                             \
    X("1312", "Threaten with sanctions, boycott, embargo")                                  \
    X("1313", "Threaten to reduce or break relations")                                      \
    X("132", "Threaten with administrative sanctions")                                      \
    X("1321", "Threaten with restrictions on political freedoms")                           \
    X("1322", "Threaten to ban political parties or politicians")                           \
    X("1323", "Threaten to impose curfew")                                                  \
    X("1324", "Threaten to impose state of emergency or martial law")                       \
    X("133", "Threaten with political dissent, protest")                                    \
    X("134", "Threaten to halt negotiations")                                               \
    X("135", "Threaten to halt mediation")                                                  \
    X("136", "Threaten to halt international involvement (non-mediation)")                  \
    X("137", "Threaten with repression")                                                    \
    X("138", "Threaten with military force")                                                \
    X("1381", "Threaten blockade")                                                          \
    X("1382", "Threaten occupation")                                                        \
    X("1383", "Threaten unconventional violence")                                           \
    X("1384", "Threaten conventional attack")                                               \
    X("1385", "Threaten attack with WMD")                                                   \
    X("139", "Give ultimatum")                                                              \
    X("140", "Engage in political dissent")                                                 \
    X("141", "Demonstrate or rally")                                                        \
    X("1411", "Demonstrate for leadership change")                                          \
    X("1412", "Demonstrate for policy change")                                              \
    X("1413", "Demonstrate for rights")                                                     \
    X("1414", "Demonstrate for change in institutions, regime")                             \
    X("142", "Conduct hunger strike")                                                       \
    X("1421", "Conduct hunger strike for leadership change")                                \
    X("1422", "Conduct hunger strike for policy change")                                    \
    X("1423", "Conduct hunger strike for rights")                                           \
    X("1424", "Conduct hunger strike for change in institutions, regime")                   \
    X("143", "Conduct strike or boycott")                                                   \
    X("1431", "Conduct strike or boycott for leadership change")                            \
    X("1432", "Conduct strike or boycott for policy change")                                \
    X("1433", "Conduct strike or boycott for rights")                                       \
    X("1434", "Conduct strike or boycott for change in institutions, regime")               \
    X("144", "Obstruct passage, block")                                                     \
    X("1441", "Obstruct passage to demand leadership change")                               \
    X("1442", "Obstruct passage to demand policy change")                                   \
    X("1443", "Obstruct passage to demand rights")                                          \
    X("1444", "Obstruct passage to demand change in institutions, regime")                  \
    X("145", "Protest violently, riot")                                                     \
    X("1451", "Engage in violent protest for leadership change")                            \
    X("1452", "Engage in violent protest for policy change")                                \
    X("1453", "Engage in violent protest for rights")                                       \
    X("1454", "Engage in violent protest for change in institutions, regime")               \
    X("150", "Demonstrate military or police power")                                        \
    X("151", "Increase police alert status")                                                \
    X("152", "Increase military alert status")                                              \
    X("153", "Mobilize or increase police power")                                           \
    X("154", "Mobilize or increase armed forces")                                           \
    X("160", "Reduce relations")                                                            \
    X("161", "Reduce or break diplomatic relations")                                        \
    X("162", "Reduce or stop material aid")                                                 \
    X("1621", "Reduce or stop economic assistance")                                         \
    X("1622", "Reduce or stop military assistance")                                         \
    X("1623", "Reduce or stop humanitarian assistance")                                     \
    X("163", "Impose embargo, boycott, or sanctions")                                       \
    X("164", "Halt negotiations")                                                           \
    X("165", "Halt mediation")                                                              \
    X("166", "Expel or withdraw")                                                           \
    X("1661", "Expel or withdraw peacekeepers")                                             \
    X("1662", "Expel or withdraw inspectors, observers")                                    \
    X("1663", "Expel or withdraw aid agencies")                                             \
    X("170", "Coerce")                                                                      \
    X("171", "Seize or damage property")                                                    \
    X("1711", "Confiscate property")                                                        \
    X("1712", "Destroy property")                                                           \
    X("172", "Impose administrative sanctions")                                             \
    X("1721", "Impose restrictions on political freedoms")                                  \
    X("1722", "Ban political parties or politicians")                                       \
    X("1723", "Impose curfew")                                                              \
    X("1724", "Impose state of emergency or martial law")                                   \
    X("173", "Arrest, detain, or charge with legal action")                                 \
    X("174", "Expel or deport individuals")                                                 \
    X("175", "Use tactics of violent repression")                                           \
    X("180", "Use unconventional violence")                                                 \
    X("181", "Abduct, hijack, or take hostage")                                             \
    X("182", "Physically assault")                                                          \
    X("1821", "Sexually assault")                                                           \
    X("1822", "Torture")                                                                    \
    X("1823", "Kill by physical assault")                                                   \
    X("183", "Conduct suicide, car, or other non-military bombing")                         \
    X("1831", "Carry out suicide bombing")                                                  \
    X("1832", "Carry out car bombing")                                                      \
    X("1833", "Carry out roadside bombing")                                                 \
    X("184", "Use as human shield")                                                         \
    X("185", "Attempt to assassinate")                                                      \
    X("186", "Assassinate")                                                                 \
    X("190", "Use conventional military force")                                             \
    X("191", "Impose blockade, restrict movement")                                          \
    X("192", "Occupy territory")                                                            \
    X("193", "fight with small arms and light weapons")                                     \
    X("194", "fight with artillery and tanks")                                              \
    X("195", "Employ aerial weapons")                                                       \
    X("196", "Violate ceasefire")                                                           \
    X("200", "Use unconventional mass violence")                                            \
    X("201", "Engage in mass expulsion")                                                    \
    X("202", "Engage in mass killings")                                                     \
    X("203", "Engage in ethnic cleansing")                                                  \
    X("204", "Use weapons of mass destruction")                                             \
    X("2041", "Use chemical, biological, or radiological weapons")                          \
    X("2042", "Detonate nuclear weapons")

#endif
