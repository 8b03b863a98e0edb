# Noisy XNOR: no single line parts the classes.  One hidden unit draws lines that are parallel, a hundred or two layers
# of ten bend them.
load here.'/../trees/style.gp'
set multiplot layout 1,3 margins 0.05,0.91,0.1,0.9 spacing 0.05,0.1
set xrange [-1:1]; set yrange [-1:1]; set cbrange [0:1]; set size square
set palette defined (0 '#f0b070', 0.5 '#f8f8f8', 1 '#80b0d8')
set cblabel 'probability of class 1'
unset key
array title[3] = ['One hidden unit', '100 hidden units', 'Two layers of 10 units']
do for [i = 1:3] {
    if (i == 2) { set colorbox user origin 0.925,0.1 size 0.012,0.8 } else { unset colorbox }
    set title title[i]
    plot 'xnor-all.csv' skip 1 using 1:2:(column(2 + 4 * i)) with image, \
         'xnor.csv' skip 1 using 1:($3 == 1 ? $2 : NaN) with points pt 7 ps 0.35 lc rgb blue, \
         'xnor.csv' skip 1 using 1:($3 == 0 ? $2 : NaN) with points pt 7 ps 0.35 lc rgb orange
}
unset multiplot
