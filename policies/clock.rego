# METADATA
# description: |
#   Times as seconds since 1970-01-01T00:00:00Z. Written out, not with `time.parse_rfc3339_ns`, so that the pack
#   compiles to WebAssembly without functions from its host, and so that a malformed time is simply undefined.
package countersign.clock

_time := `^([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))$`

_days_before_month := [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

_days_in_month := [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

# METADATA
# description: The time of the decision.
now := seconds(input.now)

# METADATA
# description: The seconds of an RFC 3339 time (fractions are dropped); undefined when it is malformed or no such day exists.
seconds(text) := ((((((day * 24) + hour) * 60) + minute) * 60) + second) - offset if {
	is_string(text)
	[[_, yyyy, mm, dd, hh, mi, ss, sign, oh, om]] := regex.find_all_string_submatch_n(_time, text, 1)
	day := _day(_number(yyyy), _number(mm), _number(dd))
	hour := _number(hh)
	hour <= 23
	minute := _number(mi)
	minute <= 59
	second := _number(ss)
	_possible_second(minute, second)
	offset := _offset(sign, oh, om)
}

# METADATA
# description: Like `seconds`, and takes a date alone as the start of that day in UTC.
moment(text) := seconds(text)

moment(text) := seconds($"{text}T00:00:00Z") if regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`, text)

_possible_second(_, second) if second <= 59

# A leap second.
_possible_second(59, 60)

# The leading 1 keeps leading zeros out of to_number, which does not take them everywhere.
_number(digits) := to_number(concat("", ["1", digits])) - _power[count(digits)]

_power := {0: 1, 2: 100, 4: 10000}

_offset(sign, hh, mm) := (_direction[sign] * ((_number(hh) * 60) + _number(mm))) * 60 if {
	_number(hh) <= 23
	_number(mm) <= 59
}

_direction := {"": 0, "+": 1, "-": -1}

# Days since 1970-01-01 in the Gregorian calendar.
_day(year, month, day) := ((((((((year - 1) * 365) + floor((year - 1) / 4)) - floor((year - 1) / 100)) + floor((year - 1) / 400)) + _days_before_month[month - 1]) + _leap_day_before(year, month)) + day) - 719163 if {
	day >= 1
	day <= _days_in_month[month - 1] + _leap_day_in(year, month)
}

default _leap_day_in(_, _) := 0

_leap_day_in(year, 2) := 1 if _leap(year)

default _leap_day_before(_, _) := 0

_leap_day_before(year, month) := 1 if {
	month > 2
	_leap(year)
}

_leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

_leap(year) if year % 400 == 0
