# Data with noise, the same everywhere: random numbers of Park and Miller (1988), s <- 16807 s mod (2^31 - 1), which
# doubles hold exactly, made normal by Box and Muller (1958).
#   awk -f draw.awk -v kind=wave|line|xnor|plane
function uniform() { state = (16807 * state) % 2147483647; return state / 2147483647 }
function normal() { return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform()) }
function wave(x) { return sin(x) + (x > 6 ? 1 : 0) + 0.1 * x }
BEGIN {
    state = 20240517
    for (i = 0; i < 20; i++) uniform()
    if (kind == "wave") { # 120 points of a curve with a step
        print "x,y"
        for (i = 0; i < 120; i++) { x = 10 * uniform(); printf "%.5f,%.5f\n", x, wave(x) + 0.35 * normal() }
    } else if (kind == "line") { # where it is asked for
        print "x,truth"
        for (i = 0; i <= 600; i++) printf "%.5f,%.5f\n", i / 60, wave(i / 60)
    } else if (kind == "xnor") { # the class is 1 where both have the same sign; one in eight labels is wrong
        print "x,y,class"
        for (i = 0; i < 400; i++) {
            x = 2 * uniform() - 1; y = 2 * uniform() - 1
            print x "," y "," (uniform() < 0.125 ? x * y < 0 : x * y > 0)
        }
    } else if (kind == "plane") {
        print "x,y"
        for (j = 0; j < 120; j++) for (i = 0; i < 120; i++) print (2 * i + 1) / 120 - 1 "," (2 * j + 1) / 120 - 1
    }
}
