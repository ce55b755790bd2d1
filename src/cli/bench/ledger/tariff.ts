export const tariffName = 'bench';

/** By the minute, then by six seconds, cheaper at night, with an allowance: all that rating has to look at. */
export const tariff = `
name = "bench"
valid_from = "2020-01-01"
currency = "USD"
decimals = 4
zone = "America/New_York"
rounding = "up"
round = "call"
crossing = "start"
other_band = "night"

[[band]]
name = "day"
days = "mon-fri"
from = "08:00"
to = "17:00"

[[rate]]
name = "night"
connect = "0.05"
step = [{ from = 0, increment = 60, price = "0.12", per = 60 }, { from = 60, increment = 6, price = "0.12", per = 60 }]

[[rate]]
name = "day"
band = "day"
connect = "0.05"
step = [{ from = 0, increment = 60, price = "0.23", per = 60 }, { from = 60, increment = 6, price = "0.23", per = 60 }]
`;
